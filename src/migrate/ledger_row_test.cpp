// SPDX-License-Identifier: Apache-2.0
#include "migrate/ledger_row.h"

#include "crypto/digest.h"
#include "crypto/encoding.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace majed::migrate {
namespace ledger_row_test {

std::string hash(std::string_view text) {
    return crypto::to_hex(crypto::sha256(crypto::bytes_of(text)));
}

std::vector<ScriptStatement> statements(std::initializer_list<std::string_view> texts) {
    std::vector<ScriptStatement> made;
    for (const std::string_view text : texts) {
        made.push_back({.text = std::string(text), .tokens_digest = hash(text)});
    }
    return made;
}

TEST(LedgerRow, names_every_state) {
    EXPECT_EQ(name_of(LedgerState::applied), "applied");
    EXPECT_EQ(name_of(LedgerState::running), "running");
    EXPECT_EQ(name_of(LedgerState::failed), "failed");
    EXPECT_EQ(name_of(LedgerState::undone), "undone");
    EXPECT_EQ(name_of(LedgerState::baseline), "baseline");
}

TEST(ProgressDigest, is_empty_when_nothing_was_applied) {
    EXPECT_EQ(progress_digest({}), "");
}

TEST(ProgressDigest, chains_the_digest_before_with_that_of_the_statement) {
    const auto applied = statements({"a", "b"});
    EXPECT_EQ(progress_digest(applied), hash(hash(hash("a")) + hash("b")));
}

TEST(ProgressDigest, grows_statement_by_statement_to_the_same_value) {
    const auto applied = statements({"a", "b", "c", "a"});
    std::string grown;
    for (std::size_t count = 0; count < applied.size(); ++count) {
        EXPECT_EQ(grown, progress_digest(std::span(applied).first(count)));
        grown = extended_digest(grown, applied[count]);
    }
    EXPECT_EQ(grown, progress_digest(applied));
}

TEST(ProgressDigest, tells_order_number_and_kind_of_the_statements) {
    std::set<std::string> seen;
    for (const auto& applied :
         {statements({"a"}), statements({"b"}), statements({"a", "a"}), statements({"a", "b"}),
          statements({"b", "a"}), statements({"a", "b", "b"})}) {
        EXPECT_TRUE(seen.insert(progress_digest(applied)).second);
    }
}

}  // namespace ledger_row_test
}  // namespace majed::migrate
