// SPDX-License-Identifier: Apache-2.0
// What a statement of a user is given; how it runs is tested on the double of the client library (tests/governed_oracle).
#include "driver/oracle/governed_session.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace majed::driver::oracle {
namespace governed_session_test {

std::string text_of(const Value& value) {
    if (const auto* const text = std::get_if<std::string>(&value)) return "'" + *text + "'";
    if (const auto* const number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    return std::holds_alternative<Null>(value) ? "NULL" : "?";
}

/// Positions first, then names: `1 | B='x' G_1='EU'`.
std::string bound(const std::vector<std::string>& binds, const Parameters& given,
                  const std::vector<AttributeParameter>& attributes = {}, const Attributes& identity = {}) {
    const auto made = governed_binds(binds, given, attributes, identity, "G_");
    if (!made) return made.error().message;
    std::string all;
    for (const Value& value : made->parameters.positional) all += text_of(value) + " ";
    all += "|";
    for (const auto& [name, value] : made->parameters.named) {
        all += " " + name + "=" + text_of(value);
        const auto style = made->texts.find(name);
        if (style != made->texts.end()) all += style->second == TextBind::literal ? "c" : "d";
    }
    return all;
}

TEST(OracleGovernedBinds, name_what_the_caller_gave_by_position) {
    EXPECT_EQ(bound({"B", "A"}, {{std::int64_t{1}, std::int64_t{2}}, {}}), "| B=1 A=2");
    EXPECT_EQ(bound({"2", "1"}, {{std::int64_t{1}, std::int64_t{2}}, {}}), "1 2 |");
    EXPECT_EQ(bound({"A", "1"}, {{std::int64_t{7}}, {{"a", std::int64_t{2}}}}), "7 | A=2");
    EXPECT_EQ(bound({"A"}, {}), "no value was given for parameter :A");
    EXPECT_EQ(bound({}, {{std::int64_t{1}}, {}}), "the statement has no parameter :1");
    EXPECT_EQ(bound({"A"}, {{}, {{"A", std::int64_t{1}}, {"G_1", std::string("US")}}}, {{"region", false}},
                    {{"region", {"EU"}}}),
              "the statement has no parameter :G_1");
}

TEST(OracleGovernedBinds, give_attributes_as_literals_and_lists_as_documents) {
    const std::vector<AttributeParameter> both{{"region", false}, {"regions", true}, {"gone", false}};
    EXPECT_EQ(bound({"1"}, {{std::int64_t{1}}, {}}, both,
                    {{"region", {"EU"}}, {"regions", {"a\"b\\", "", "c\x01"}}}),
              "1 | G_1='EU'c G_2='[\"a\\\"b\\\\\",\"c\\u0001\"]'d G_3=NULLc");
    EXPECT_EQ(bound({}, {}, {{"region", false}}, {{"region", {"EU", "US"}}}), "| G_1=NULLc");
    EXPECT_EQ(bound({}, {}, {{"region", false}}, {{"region", {std::string(2001, 'x')}}}),
              "attribute region is longer than 2000 bytes");
}

TEST(OracleGovernedBinds, give_the_values_of_a_list_one_by_one) {
    const std::vector<AttributeParameter> three{{"r", true, 1}, {"r", true, 2}, {"r", true, 3}};
    EXPECT_EQ(bound({}, {}, three, {{"r", {"a", "", "b"}}}), "| G_1='a'c G_2='b'c G_3='b'c");
    EXPECT_EQ(bound({}, {}, three, {{"r", {""}}}), "| G_1=NULLc G_2=NULLc G_3=NULLc");
    EXPECT_EQ(bound({}, {}, three, {}), "| G_1=NULLc G_2=NULLc G_3=NULLc");
    EXPECT_EQ(bound({}, {}, {three[0]}, {{"r", std::vector<std::string>(17, "x")}}),
              "attribute r has more than 16 values: no write can be held to them");
    EXPECT_EQ(bound({}, {}, {three[1]}, {{"r", {"a", std::string(2001, 'x')}}}),
              "attribute r is longer than 2000 bytes");
}

TEST(OracleGovernedBinds, are_of_types_that_compare_as_they_should) {
    BindShape list;
    ASSERT_TRUE(list.take(std::string(4001, 'x'), TextBind::document));
    EXPECT_EQ(list.form, BindForm::character_lob);
    BindShape text;
    ASSERT_TRUE(text.take(std::string(4001, 'x')));
    EXPECT_EQ(text.form, BindForm::text);
}

TEST(OracleGovernedSettings, look_for_names_where_the_catalogue_does) {
    GuardSet guard;
    guard.search_path = {"Shop"};
    EXPECT_EQ(
        governed_settings(guard),
        (std::vector<std::string>{"ALTER SESSION SET NLS_LENGTH_SEMANTICS = BYTE NLS_NCHAR_CONV_EXCP = FALSE",
                                  "ALTER SESSION SET CURRENT_SCHEMA = \"Shop\""}));
}

}  // namespace governed_session_test
}  // namespace majed::driver::oracle
