//===- TemplatesTest.cpp - Formats of templates, rewritten ----------------===//

#include "XcsLLM/Support/Templates.h"
#include "XcsLLM/Support/Text.h"
#include "gtest/gtest.h"

using namespace xcs;

TEST(TemplateWriter, DoublesBracesOfText) {
  TemplateWriter writer;
  writer.addText("}{ {x} \n");
  writer.addSlot("x");
  writer.addText("{");
  EXPECT_EQ(writer.get(), "}}{{ {{x}} \n{x}{{");
  TemplateParts parts = llvm::cantFail(parseTemplate(writer.get()));
  EXPECT_EQ(parts.render({"1"}), "}{ {x} \n1{");
}

TEST(TemplateWriter, TellsPlaceholdersOfOneNameApart) {
  TemplateWriter writer;
  EXPECT_EQ(writer.addSlot("x_2"), "x_2");
  EXPECT_EQ(writer.addSlot("x"), "x");
  EXPECT_EQ(writer.addSlot("x"), "x_3");
  EXPECT_EQ(writer.addSlot("x_2"), "x_2_2");
  EXPECT_EQ(writer.addSlot("x"), "x_4");
  writer.repeatSlot("x_3");
  EXPECT_EQ(writer.get(), "{x_2}{x}{x_3}{x_2_2}{x_4}{x_3}");
}

TEST(TemplateWriter, NamesManyAlikeInLinearTime) {
  TemplateWriter writer;
  for (int slot = 0; slot < 200000; ++slot)
    writer.addSlot("x");
  EXPECT_EQ(llvm::cantFail(parseTemplate(writer.get().substr(0, 8))).names.size(), 2u);
  EXPECT_TRUE(llvm::StringRef(writer.get()).ends_with("{x_200000}"));
}

static std::string reorder(llvm::StringRef format) {
  return moveConstantsAhead(format).value_or("");
}

TEST(MoveConstantsAhead, MovesParagraphsAndKeepsOrder) {
  EXPECT_EQ(reorder("{q}\n\nBe brief."), "Be brief.\n\n{q}");
  EXPECT_EQ(reorder("a\n\n{x}\n\nb\n\n{y}\n\nc"), "a\n\nb\n\nc\n\n{x}\n\n{y}");
  // Lines of one paragraph stay together.
  EXPECT_EQ(reorder("{x}\nb\n\nc\nd"), "c\nd\n\n{x}\nb");
}

TEST(MoveConstantsAhead, KeepsLinesBetweenAndAround) {
  EXPECT_EQ(reorder("\n\n{x}\n\n\nb\n\n{y}\n"), "\n\nb\n\n\n{x}\n\n{y}\n");
}

TEST(MoveConstantsAhead, WhatIntroducesStays) {
  EXPECT_EQ(reorder("{x}\n\nDocument:\n\n{y}\n\nBe brief."),
            "Be brief.\n\n{x}\n\nDocument:\n\n{y}");
  EXPECT_EQ(reorder("{x}\n\nRules: \n\n- be brief\n\nAnswer:"),
            "Rules: \n\n- be brief\n\n{x}\n\nAnswer:");
  EXPECT_EQ(reorder("{x}\n\nDocument:\n\nText:\n\n{y}"), "");
  EXPECT_EQ(reorder("{x}\n\nAnswer:"), "");
}

TEST(MoveConstantsAhead, DoubledBracesAreConstant) {
  EXPECT_EQ(reorder("{x}\n\n{{x}}"), "{{x}}\n\n{x}");
}

TEST(MoveConstantsAhead, LeavesWhatIsInOrder) {
  EXPECT_EQ(reorder(""), "");
  EXPECT_EQ(reorder("\n\n"), "");
  EXPECT_EQ(reorder("a\n\nb"), "");
  EXPECT_EQ(reorder("a\n\n{x}"), "");
  EXPECT_EQ(reorder("{x} b\nc"), "");
}
