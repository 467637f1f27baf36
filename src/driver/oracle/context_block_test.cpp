// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/context_block.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace majed::driver::oracle {
namespace context_block_test {

GuardSet guard_of(std::vector<std::string> attributes, std::string owner = "KEEPER") {
    GuardSet guard;
    guard.native = true;
    guard.context_attributes = std::move(attributes);
    guard.context_owner = std::move(owner);
    return guard;
}

std::string values(const std::vector<std::string>& attributes, const Attributes& identity) {
    const auto made = ContextBlock(guard_of(attributes)).values(identity);
    if (!made) return made.error().message;
    std::string all;
    for (const Value& value : made->positional) {
        const auto* const text = std::get_if<std::string>(&value);
        all += (text == nullptr ? std::string("~") : *text) + " ";
    }
    return all;
}

TEST(OracleContextBlock, calls_the_package_of_its_owner_once_for_each_attribute) {
    const ContextBlock block(guard_of({"region", "ids"}, "odd\"Keeper"));
    EXPECT_EQ(block.begin(),
              "BEGIN \"odd\"\"Keeper\".MAJED_CONTEXT.begin_for(:1); "
              "\"odd\"\"Keeper\".MAJED_CONTEXT.attribute('region', :2, :3); "
              "\"odd\"\"Keeper\".MAJED_CONTEXT.attribute('ids', :4, :5); END;");
    EXPECT_EQ(block.end(), "BEGIN \"odd\"\"Keeper\".MAJED_CONTEXT.forget; END;");
    EXPECT_TRUE(block.wanted() && block.possible());
    EXPECT_FALSE(ContextBlock(guard_of({}, "")).possible());
    EXPECT_FALSE(ContextBlock(GuardSet{}).wanted());
}

TEST(OracleContextBlock, gives_the_only_value_of_an_attribute_and_all_of_them) {
    EXPECT_EQ(values({"region"}, {{"role", {"normal"}}, {"region", {"E\"U"}}}), "normal E\"U [\"E\\\"U\"] ");
    EXPECT_EQ(values({"region"}, {{"role", {"normal"}}, {"region", {"EU", "US"}}}),
              "normal ~ [\"EU\",\"US\"] ");
    EXPECT_EQ(values({"region"}, {{"role", {"normal"}}, {"region", {"EU", ""}}}), "normal ~ [\"EU\"] ");
    for (const Attributes& absent : {Attributes{}, Attributes{{"region", {}}}, Attributes{{"region", {""}}}})
        EXPECT_EQ(values({"region"}, absent), "~ ~ ~ ");
    EXPECT_EQ(values({}, {{"role", {"admin"}}, {"other", {"x"}}}), "admin ");
}

TEST(OracleContextBlock, refuses_what_a_context_cannot_hold) {
    EXPECT_EQ(values({"a"}, {{"a", {std::string(2000, 'x')}}}).size(), 2000U + 2U + 1U + 2004U + 1U);
    EXPECT_EQ(values({"a"}, {{"a", {std::string(2001, 'x')}}}), "attribute a is longer than 2000 bytes");
    EXPECT_EQ(values({"a"}, {{"a", std::vector<std::string>(1000, "xx")}}),
              "attribute a has more values than the database's policies can be told of");
}

}  // namespace context_block_test
}  // namespace majed::driver::oracle
