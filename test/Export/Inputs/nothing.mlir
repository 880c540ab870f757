// Programs without calls, and one without a body.
func.func @f(%a: f64) -> f64 {
  return %a : f64
}
func.func private @tool(f64) -> f64
