// SPDX-License-Identifier: Apache-2.0
#include "crypto/sealed_text.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

namespace majed::crypto {
namespace sealed_text_test {

static_assert(!std::is_copy_constructible_v<TextSeal>);

const Error one_error{.code = ErrorCode::invalid_argument, .message = "the sealed text cannot be opened"};
const SealedColumn messages{"conversations", "message"};

FernetTime at(std::uint64_t count) {
    return FernetTime(FernetTime::duration(count));
}

/// The same root for the same letter.
PurposeKeys keys(std::string_view letters) {
    std::vector<Secret> roots;
    for (const char letter : letters) roots.emplace_back(std::string(32, letter));
    return PurposeKeys::from_roots(std::move(roots)).value();
}

TextSeal seal_of(std::string_view letters, const SealedColumn& column = messages) {
    return TextSeal::create(keys(letters), column).value();
}

KeyRing ring_of(std::string_view letters) {
    return keys(letters).ring_for({"store", "conversations", "message"}).value();
}

TEST(TextSeal, opens_in_its_row_what_it_sealed_for_it) {
    const TextSeal seal = seal_of("a");
    for (const std::string& text :
         {std::string(), std::string("hello"), std::string(1, '\0'), std::string(5000, 'x')}) {
        const auto sealed = seal.seal("17", text, at(1000));
        ASSERT_TRUE(sealed);
        EXPECT_EQ(seal.open("17", *sealed)->reveal(), text);
    }
}

TEST(TextSeal, stores_a_token_of_the_ring_of_its_column_that_holds_row_and_text) {
    const std::string sealed = seal_of("a").seal("17", "hello", at(1000)).value();
    const KeyRing ring = ring_of("a");
    EXPECT_EQ(ring.timestamp_of(sealed).value(), at(1000));
    EXPECT_EQ(ring.decrypt(sealed)->reveal(), std::string("\0\0\0\2", 4) + "17hello");
}

TEST(TextSeal, refuses_a_text_that_was_moved_to_another_row) {
    const TextSeal seal = seal_of("a");
    const std::string sealed = seal.seal("17", "7hello", at(1000)).value();
    for (const std::string& row : {std::string("18"), std::string("1"), std::string("177"), std::string("7"),
                                   std::string("17\0", 3), std::string(), std::string(300, '1')}) {
        EXPECT_EQ(seal.open(row, sealed).error(), one_error) << row;
        EXPECT_EQ(seal.reseal(row, sealed).error(), one_error) << row;
    }
}

TEST(TextSeal, refuses_a_text_of_another_column_or_table_or_ring) {
    const std::string sealed = seal_of("a").seal("17", "hello", at(1000)).value();
    for (const SealedColumn& column :
         {SealedColumn{"conversations", "title"}, SealedColumn{"users", "message"},
          SealedColumn{"message", "conversations"}}) {
        EXPECT_EQ(seal_of("a", column).open("17", sealed).error(), one_error);
    }
    EXPECT_EQ(seal_of("b").open("17", sealed).error(), one_error);
    EXPECT_EQ(seal_of("b").reseal("17", sealed).error(), one_error);
}

TEST(TextSeal, refuses_with_one_error_whatever_else_is_wrong) {
    const TextSeal seal = seal_of("a");
    const std::string sealed = seal.seal("17", "hello", at(1000)).value();
    std::string changed = sealed;
    changed[40] = changed[40] == 'A' ? 'B' : 'A';
    const std::string bare = ring_of("a").encrypt(bytes_of("hello"), at(1000)).value();
    const std::string nothing = ring_of("a").encrypt({}, at(1000)).value();
    const std::string no_row = ring_of("a").encrypt(bytes_of(std::string(4, '\0')), at(1000)).value();
    for (const std::string& wrong : {changed, sealed.substr(0, sealed.size() - 4), std::string(),
                                     std::string("hello"), bare, nothing, no_row}) {
        EXPECT_EQ(seal.open("17", wrong).error(), one_error);
        EXPECT_EQ(seal.open("", wrong).error(), one_error);
    }
}

TEST(TextSeal, opens_what_a_former_root_sealed_and_reseals_it_with_its_time) {
    const std::string sealed = seal_of("a").seal("17", "hello", at(1000)).value();
    const TextSeal both = seal_of("ba");
    EXPECT_EQ(both.open("17", sealed)->reveal(), "hello");
    const auto again = both.reseal("17", sealed);
    ASSERT_TRUE(again);
    ASSERT_TRUE(again->has_value());
    EXPECT_EQ(seal_of("b").open("17", **again)->reveal(), "hello");
    EXPECT_EQ(ring_of("b").timestamp_of(**again).value(), at(1000));
    EXPECT_EQ(seal_of("b").open("18", **again).error(), one_error);
    EXPECT_EQ(both.reseal("17", **again).value(), std::nullopt);
}

TEST(TextSeal, tells_which_key_made_it_wherever_it_lies) {
    const auto old = seal_of("a").seal("1", "text", FernetTime{});
    const auto fresh = seal_of("ba").seal("2", "text", FernetTime{});
    ASSERT_TRUE(old && fresh);
    EXPECT_EQ(*seal_of("ba").key_of(*old), 1U);
    EXPECT_EQ(*seal_of("ba").key_of(*fresh), 0U);
    EXPECT_EQ(seal_of("c").key_of(*old).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(seal_of("a").key_of("").error().code, ErrorCode::invalid_argument);
}

TEST(TextSeal, needs_a_row_and_a_text_of_bounded_size) {
    const TextSeal seal = seal_of("a");
    EXPECT_EQ(seal.seal("", "x", at(1)).error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(seal.seal(std::string(TextSeal::max_row_id_size, 'r'), "x", at(1)));
    EXPECT_EQ(seal.seal(std::string(TextSeal::max_row_id_size + 1, 'r'), "x", at(1)).error().code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(seal.seal("1", std::string(max_fernet_plaintext, 'x'), at(1)).error().code,
              ErrorCode::too_large);
    EXPECT_EQ(seal.seal("1", std::string(max_fernet_plaintext + 1, 'x'), at(1)).error().code,
              ErrorCode::too_large);
}

TEST(TextSeal, needs_the_names_of_table_and_column) {
    EXPECT_EQ(TextSeal::create(keys("a"), {"", "message"}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(TextSeal::create(keys("a"), {"conversations", ""}).error().code, ErrorCode::invalid_argument);
}

TEST(TextSeal, refuses_everything_after_a_move) {
    TextSeal moved = seal_of("a");
    const TextSeal taken = std::move(moved);
    const std::string sealed = taken.seal("1", "x", at(1)).value();
    // NOLINTBEGIN(bugprone-use-after-move): what it answers then is the fact tested.
    EXPECT_EQ(moved.seal("1", "x", at(1)).error().code, ErrorCode::internal);
    EXPECT_EQ(moved.open("1", sealed).error().code, ErrorCode::internal);
    EXPECT_EQ(moved.reseal("1", sealed).error().code, ErrorCode::internal);
    // NOLINTEND(bugprone-use-after-move)
}

}  // namespace sealed_text_test
}  // namespace majed::crypto
