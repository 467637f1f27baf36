// SPDX-License-Identifier: Apache-2.0
// docs/reference/error-classes.md says what the drivers do: no row too few, none too many, none wrong.
#include "driver/oracle/native_error.h"
#include "driver/postgres/sqlstate.h"
#include "driver/sqlite/native_error.h"

#include <gtest/gtest.h>

#include <charconv>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace majed::contract {
namespace {

/// `lost` | `unavailable`
using Verdicts = std::map<std::string, std::string>;

std::string verdict(FailureClass failure, ErrorCode code) {
    return std::string(name_of(failure)) + " " + std::string(traits(code).name);
}

/// The words between backquotes.
std::vector<std::string> codes_in(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = text.find('`'); at != std::string_view::npos; at = text.find('`', at + 1)) {
        const std::size_t end = text.find('`', at + 1);
        if (end == std::string_view::npos) break;
        words.emplace_back(text.substr(at + 1, end - at - 1));
        at = end;
    }
    return words;
}

/// Of the tables below `## heading`: every code of the first cell with class and error of the last two.
Verdicts told_below(const std::string& heading) {
    std::ifstream page(MAJED_PROJECT_ROOT "/docs/reference/error-classes.md");
    Verdicts told;
    bool here = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("#")) here = line == "## " + heading;
        const std::vector<std::string> words = codes_in(line);
        if (!here || !line.starts_with("| `") || words.size() < 3) continue;
        for (std::size_t i = 0; i + 2 < words.size(); ++i) {
            const bool first = told.emplace(words[i], words[words.size() - 2] + " " + words.back()).second;
            EXPECT_TRUE(first) << words[i] << " stands there twice";
        }
    }
    return told;
}

void expect_same(const Verdicts& told, const Verdicts& done) {
    for (const auto& [code, what] : done) {
        const auto found = told.find(code);
        EXPECT_EQ(found == told.end() ? "nothing" : found->second, what) << "the page on " << code;
    }
    for (const auto& [code, what] : told) {
        EXPECT_TRUE(done.contains(code)) << "the page tells of " << code << ", the driver does not: " << what;
    }
}

TEST(ErrorClasses, of_sqlite_are_those_of_the_page) {
    Verdicts done;
    for (int code = 1; code <= 26; ++code) {
        const Error error = driver::sqlite::connection_error(nullptr, code, "");
        if (!error.native_state.ends_with(std::to_string(code))) {  // SQLite uses it no more.
            done[error.native_state] = verdict(error.failure, error.code);
        }
    }
    expect_same(told_below("SQLite"), done);
}

constexpr std::string_view state_characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

TEST(ErrorClasses, of_postgresql_are_those_of_the_page) {
    using driver::postgres::judge;
    using driver::postgres::meaning_of;
    using driver::postgres::Phase;
    using driver::postgres::Verdict;
    const auto of = [](const std::string& state) {
        const Verdict found = judge(state, Phase::statement);
        return verdict(found.failure, found.code);
    };
    const std::string others = verdict(FailureClass::user_error, ErrorCode::invalid_argument);
    Verdicts done;
    for (const char a : state_characters) {
        for (const char b : state_characters) {
            const std::string class_of_state{a, b};
            const std::string of_class = of(class_of_state + "ZZZ");
            if (of_class != others) done[class_of_state] = of_class;
            for (std::size_t i = 0; i < 46656; ++i) {
                const std::string state = class_of_state + state_characters[i / 1296] +
                                          state_characters[i / 36 % 36] + state_characters[i % 36];
                if (const std::string what = of(state); what != of_class) done[state] = what;
                // A class without a row of its own differs nowhere.
                if (of_class == others && meaning_of(state) == meaning_of("QQZZZ")) break;
            }
        }
    }
    expect_same(told_below("PostgreSQL"), done);
}

TEST(ErrorClasses, of_oracle_are_those_of_the_page) {
    using driver::oracle::error_of;
    using driver::oracle::StopCause;
    const std::string others = verdict(FailureClass::user_error, ErrorCode::invalid_argument);
    Verdicts done;
    for (int code = 1; code < 65536; ++code) {
        const Error error = error_of({.ora = code}, StopCause::none);
        if (const std::string what = verdict(error.failure, error.code); what != others) {
            done[error.native_state] = what;
        }
    }
    for (int code = 1000; code < 1100; ++code) {
        const Error error = error_of({.ora = 0, .dpi = code}, StopCause::none);
        if (const std::string what = verdict(error.failure, error.code); what != "none internal") {
            done[error.native_state] = what;
        }
    }
    expect_same(told_below("Oracle"), done);
}

TEST(ErrorClasses, the_page_names_the_codes_of_oracle_after_which_a_write_is_in_doubt) {
    std::ifstream page(MAJED_PROJECT_ROOT "/docs/reference/error-classes.md");
    std::vector<std::string> told;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("In doubt: ")) told = codes_in(line);
    }
    std::vector<std::string> done;
    for (int code = 1; code < 65536; ++code) {
        if (driver::oracle::reply_was_lost({.ora = code})) {
            done.push_back(
                driver::oracle::error_of({.ora = code}, driver::oracle::StopCause::none).native_state);
        }
    }
    EXPECT_EQ(told, done);
}

}  // namespace
}  // namespace majed::contract
