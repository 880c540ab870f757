# Writes the text file INPUT as C++ string literals to OUTPUT: cmake -P, at build
# time. Adjacent literals are one; each is short enough for any compiler.
file(READ "${INPUT}" text)
string(LENGTH "${text}" length) # in bytes
set(chunk 15000)
set(literals "")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} ${chunk} part)
  string(APPEND literals "R\"~~(${part})~~\"\n")
  math(EXPR at "${at} + ${chunk}")
endwhile()
file(WRITE "${OUTPUT}" "${literals}")
