// SPDX-License-Identifier: Apache-2.0
// What libpg_query calls one statement and what it calls two, beside our fingerprint. It reads trees, we read tokens: see
// docs/guide/audit.md for where that differs.
#include "corpora/corpus.h"
#include "sql/fingerprint.h"
#include "sql/lexer.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace majed::corpora {
namespace normal_form_test {

struct Vector {
    std::string sql;
    std::string theirs;
    std::vector<sql::Token> tokens;
    bool lexed = false;
};

/// Empty when the folder of the corpora is absent.
std::vector<Vector> read_vectors(const std::string& file, std::string_view member) {
    std::vector<Vector> vectors;
    simdjson::dom::parser parser;
    simdjson::dom::array all;
    if (parser.load(MAJED_PROJECT_ROOT "/../shared/corpora/vectors/" + file).get_array().get(all) !=
        simdjson::SUCCESS)
        return vectors;
    for (const simdjson::dom::element each : all) {
        Vector vector;
        vector.sql = std::string(std::string_view(each["sql"]));
        vector.theirs = std::string(std::string_view(each[member]));
        vector.lexed = sql::tokenize(vector.sql, vector.tokens).has_value();
        vectors.push_back(std::move(vector));
    }
    return vectors;
}

TEST(NormalForm, never_calls_two_what_differs_in_values_only) {
    const auto vectors = read_vectors("pg_fingerprint.json", "fingerprint_of_libpg_query");
    if (vectors.empty()) GTEST_SKIP() << "no vectors";
    std::size_t agree = 0;
    std::size_t finer = 0;
    for (const Vector& one : vectors) {
        for (const Vector& other : vectors) {
            if (!one.lexed || !other.lexed || &one == &other) continue;
            const bool same =
                sql::fingerprint(one.tokens, one.sql) == sql::fingerprint(other.tokens, other.sql);
            const bool theirs = one.theirs == other.theirs;
            agree += same == theirs ? 1U : 0U;
            finer += !same && theirs ? 1U : 0U;
            EXPECT_FALSE(same && !theirs) << one.sql << "\n" << other.sql;
        }
    }
    std::printf("fingerprints: %zu pairs agree, in %zu ours is finer\n", agree, finer);
}

TEST(NormalForm, keeps_no_value_that_theirs_takes_away) {
    const auto vectors = read_vectors("pg_normalize.json", "normalized");
    if (vectors.empty()) GTEST_SKIP() << "no vectors";
    constexpr std::array<std::string_view, 7> values{"xyz",    "bar'",         "cafe",      "infinity",
                                                     "secret", "192.168.1.50", "US/Pacific"};
    for (const Vector& each : vectors) {
        const std::string ours = sql::normalized(each.tokens, each.sql);
        EXPECT_TRUE(each.lexed || ours.empty()) << each.sql;
        EXPECT_EQ(ours.find('\''), std::string::npos) << ours;
        for (const std::string_view value : values) EXPECT_EQ(ours.find(value), std::string::npos) << ours;
    }
}

}  // namespace normal_form_test
}  // namespace majed::corpora
