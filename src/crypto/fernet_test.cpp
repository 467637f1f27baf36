// SPDX-License-Identifier: Apache-2.0
#include "crypto/fernet.h"

#include "crypto/digest.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <simdjson.h>

#include <cstdio>
#include <filesystem>
#include <limits>
#include <set>
#include <thread>
#include <type_traits>

namespace majed::crypto {
namespace fernet_test {

using std::chrono::seconds;

static_assert(!std::is_default_constructible_v<Fernet>);
static_assert(!std::is_copy_constructible_v<Fernet>);
static_assert(!std::is_copy_assignable_v<Fernet>);

constexpr std::string_view key_text = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
// "hello" at 499162800, by the specification.
constexpr std::string_view published_token =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF"
    "_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
constexpr std::uint64_t last_second = std::numeric_limits<std::uint64_t>::max();

FernetTime at(std::uint64_t count) {
    return FernetTime(FernetTime::duration(count));
}

Fernet key_of(std::string_view text, IvSource ivs = random_bytes) {
    auto key = Fernet::from_text(Secret(std::string(text)), std::move(ivs));
    EXPECT_TRUE(key);
    return *std::move(key);
}

Fernet the_key() {
    return key_of(key_text);
}

std::string encrypted(const Fernet& key, std::string_view plaintext, std::uint64_t time = 1000) {
    auto token = key.encrypt(bytes_of(plaintext), at(time));
    EXPECT_TRUE(token);
    return *token;
}

/// "" for a token that opens, else what every refusal says.
std::string refusal(const Result<Secret>& opened) {
    return opened ? "" : opened.error().message;
}

const Error one_error{.code = ErrorCode::invalid_argument, .message = "the token cannot be decrypted"};

void expect_refused(const Fernet& key, std::string_view token) {
    const auto opened = key.decrypt(token);
    ASSERT_FALSE(opened) << token;
    EXPECT_EQ(opened.error(), one_error);
    const auto time = key.timestamp_of(token);
    ASSERT_FALSE(time) << token;
    EXPECT_EQ(time.error(), one_error);
}

/// Signs whatever stands before the MAC with the key, so that only what follows the MAC's check can refuse it.
std::string signed_token(Bytes before_mac) {
    const Bytes key = from_padded_base64url(key_text).value();
    const Digest mac = hmac_sha256(BytesView(key).first(16), before_mac);
    before_mac.insert(before_mac.end(), mac.begin(), mac.end());
    return to_padded_base64url(before_mac);
}

/// `1985-10-26T01:20:00-07:00`
FernetTime time_in(std::string_view text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int east = 0;
    EXPECT_EQ(std::sscanf(std::string(text).c_str(), "%d-%u-%uT%d:%d:%d%d:00", &year, &month, &day, &hour,
                          &minute, &second, &east),
              7);
    const std::chrono::sys_days date =
        std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    return date + std::chrono::hours(hour - east) + std::chrono::minutes(minute) + seconds(second);
}

struct Vector {
    std::string what;
    std::string token;
    std::string secret;
    std::string source;
    FernetTime now;
    seconds ttl = {};
    Bytes iv = {};
};

std::string text_in(simdjson::dom::element row, const char* name) {
    std::string_view text;
    return row[name].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

/// Of fernet/spec. Nothing when the folder of vectors is absent.
std::vector<Vector> vectors(const std::string& name) {
    const std::string path = MAJED_PROJECT_ROOT "/../shared/corpora/vectors/fernet_" + name + ".json";
    std::vector<Vector> found;
    simdjson::dom::parser parser;
    simdjson::dom::array rows;
    if (!std::filesystem::exists(path)) return found;
    EXPECT_EQ(parser.load(path).get(rows), simdjson::SUCCESS);
    for (const simdjson::dom::element row : rows) {
        Vector vector{text_in(row, "desc"), text_in(row, "token"), text_in(row, "secret"),
                      text_in(row, "src"), time_in(text_in(row, "now"))};
        std::int64_t ttl = 0;
        if (row["ttl_sec"].get(ttl) == simdjson::SUCCESS) vector.ttl = seconds(ttl);
        simdjson::dom::array iv;
        if (row["iv"].get(iv) == simdjson::SUCCESS) {
            for (const simdjson::dom::element byte : iv) {
                vector.iv.push_back(static_cast<std::uint8_t>(byte.get_uint64().value()));
            }
        }
        found.push_back(std::move(vector));
    }
    return found;
}

constexpr const char* no_vectors = "there is no ../shared/corpora/vectors beside the project";

TEST(FernetVectors, are_generated) {
    const auto all = vectors("generate");
    if (all.empty()) GTEST_SKIP() << no_vectors;
    EXPECT_EQ(all.size(), 1U);
    for (const Vector& vector : all) {
        const Fernet key = key_of(vector.secret, [&](std::size_t) { return vector.iv; });
        const auto token = key.encrypt(bytes_of(vector.source), vector.now);
        ASSERT_TRUE(token);
        EXPECT_EQ(*token, vector.token);
    }
}

TEST(FernetVectors, are_verified) {
    const auto all = vectors("verify");
    if (all.empty()) GTEST_SKIP() << no_vectors;
    EXPECT_EQ(all.size(), 1U);
    for (const Vector& vector : all) {
        const auto opened = key_of(vector.secret).decrypt_within(vector.token, vector.ttl, vector.now);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->reveal(), vector.source);
    }
}

TEST(FernetVectors, that_are_invalid_are_all_refused_with_the_same_error) {
    const auto all = vectors("invalid");
    if (all.empty()) GTEST_SKIP() << no_vectors;
    EXPECT_EQ(all.size(), 8U);
    for (const Vector& vector : all) {
        const auto opened = key_of(vector.secret).decrypt_within(vector.token, vector.ttl, vector.now);
        ASSERT_FALSE(opened) << vector.what;
        EXPECT_EQ(opened.error(), one_error) << vector.what;
    }
}

// The published example, held here too so that it is checked where the vectors are absent.
TEST(Fernet, writes_the_token_of_the_specification) {
    const Fernet key = key_of(key_text, [](std::size_t size) {
        Bytes iv(size);
        for (std::size_t i = 0; i < size; ++i) iv[i] = static_cast<std::uint8_t>(i);
        return iv;
    });
    EXPECT_EQ(encrypted(key, "hello", 499162800), published_token);
}

TEST(Fernet, reads_back_every_length_of_bytes) {
    const Fernet key = Fernet::generate();
    for (std::size_t length = 0; length <= 200; ++length) {
        std::string plaintext;
        for (std::size_t i = 0; i < length; ++i) plaintext.push_back(static_cast<char>(i * 37 + length));
        const auto opened = key.decrypt(encrypted(key, plaintext));
        ASSERT_TRUE(opened) << length;
        EXPECT_EQ(opened->reveal(), plaintext);
    }
}

TEST(Fernet, says_when_a_token_was_made) {
    const Fernet key = the_key();
    for (const std::uint64_t time :
         {std::uint64_t{0}, std::uint64_t{499162800}, last_second - 1, last_second}) {
        const auto found = key.timestamp_of(encrypted(key, "x", time));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->time_since_epoch().count(), time);
    }
}

TEST(Fernet, makes_a_different_token_each_time) {
    const Fernet key = the_key();
    std::set<std::string> tokens;
    for (int i = 0; i < 100; ++i) tokens.insert(encrypted(key, "the same"));
    EXPECT_EQ(tokens.size(), 100U);
}

void expect_no_bit_can_change(const Fernet& key, const std::string& token) {
    ASSERT_EQ(refusal(key.decrypt(token)), "");
    for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
        std::string changed = token;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        expect_refused(key, changed);
    }
    const Bytes raw = from_padded_base64url(token).value();
    for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
        Bytes changed = raw;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
        expect_refused(key, to_padded_base64url(changed));
    }
}

TEST(Fernet, refuses_a_token_with_any_bit_changed) {
    const Fernet key = the_key();
    expect_no_bit_can_change(key, std::string(published_token));  // It has both `-` and `_`.
    expect_no_bit_can_change(key, encrypted(key, "seventeen letters"));
}

TEST(Fernet, refuses_a_token_with_any_character_exchanged) {
    const Fernet key = the_key();
    for (std::size_t place = 0; place < published_token.size(); ++place) {
        for (unsigned byte = 0; byte < 256; ++byte) {
            std::string changed(published_token);
            changed[place] = static_cast<char>(byte);
            if (changed != published_token) expect_refused(key, changed);
        }
    }
}

TEST(Fernet, refuses_every_truncation) {
    const Fernet key = the_key();
    const std::string token = encrypted(key, std::string(40, 'x'));
    for (std::size_t length = 0; length < token.size(); ++length) {
        expect_refused(key, token.substr(0, length));
        expect_refused(key, token.substr(token.size() - length));
    }
    const Bytes raw = from_padded_base64url(token).value();
    for (std::size_t length = 0; length < raw.size(); ++length) {
        expect_refused(key, to_padded_base64url(BytesView(raw).first(length)));
        expect_refused(key, to_padded_base64url(BytesView(raw).last(length)));
    }
}

TEST(Fernet, refuses_every_other_spelling_of_a_token) {
    const Fernet key = the_key();
    // One block makes 73 bytes: two characters of padding and four bits that must be zero.
    const std::string token(published_token);
    ASSERT_EQ(refusal(key.decrypt(token)), "");
    std::string standard = token;
    for (char& character : standard) character = character == '_' ? '/' : character == '-' ? '+' : character;
    std::string loose_bits = token;
    loose_bits[token.size() - 3] = 'B';
    const std::string bare = token.substr(0, token.size() - 2);
    for (const std::string& other :
         {standard, loose_bits, bare, bare + "=", token + "=", token + "====", token + "\n", "\n" + token,
          " " + token, token + " ", token + "\r\n", bare + "\n==", token + "AAAA", token + token,
          token + std::string(1, '\0'), token.substr(0, 50) + "\n" + token.substr(50),
          token.substr(0, 50) + "!" + token.substr(50)}) {
        expect_refused(key, other);
    }
}

TEST(Fernet, refuses_what_is_no_token) {
    const Fernet key = the_key();
    for (const std::string_view text : {"", "=", "====", "gAAAAA==", "hello"}) expect_refused(key, text);
    // With a right MAC, but no ciphertext or a broken block, or of another version.
    const Bytes raw = from_padded_base64url(encrypted(key, std::string(40, 'x'))).value();
    const BytesView unsigned_part = BytesView(raw).first(raw.size() - 32);
    for (std::size_t length = 0; length < unsigned_part.size(); ++length) {
        const BytesView part = unsigned_part.first(length);
        const bool whole_blocks = length > 25 && (length - 25) % 16 == 0;  // A shorter token, if it unpads.
        if (!whole_blocks) expect_refused(key, signed_token(Bytes(part.begin(), part.end())));
    }
    for (unsigned version = 0; version < 256; ++version) {
        Bytes other(unsigned_part.begin(), unsigned_part.end());
        other[0] = static_cast<std::uint8_t>(version);
        if (version != 0x80) expect_refused(key, signed_token(other));
    }
}

TEST(Fernet, refuses_wrong_padding_under_a_right_mac_as_it_refuses_a_wrong_mac) {
    const Fernet key = the_key();
    const Bytes raw = from_padded_base64url(encrypted(key, std::string(16, 'x'))).value();
    std::size_t refused = 0;
    // The last byte of the first block decides the padding of the second, which is all padding.
    for (unsigned change = 1; change < 256; ++change) {
        Bytes other(raw.begin(), raw.end() - 32);
        other[25 + 15] = static_cast<std::uint8_t>(other[25 + 15] ^ change);
        const auto opened = key.decrypt(signed_token(other));
        if (opened) continue;  // 0x01 is a padding too.
        EXPECT_EQ(opened.error(), one_error);
        ++refused;
    }
    EXPECT_EQ(refused, 254U);
}

TEST(Fernet, leaves_the_error_queue_of_the_library_as_it_was) {
    const Fernet key = the_key();
    Bytes raw = from_padded_base64url(encrypted(key, "hello")).value();
    raw.resize(raw.size() - 32);
    raw[9 + 15] ^= 0x80U;  // Of the vector: makes the last byte of padding 0x8b, which is none.
    ERR_clear_error();
    expect_refused(key, "x");
    EXPECT_NE(refusal(key.decrypt(signed_token(raw))), "");
    EXPECT_EQ(ERR_peek_error(), 0U);
    ERR_raise(ERR_LIB_USER, 7);
    EXPECT_NE(refusal(key.decrypt(signed_token(raw))), "");
    EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), 7);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Fernet, opens_nothing_of_another_key) {
    const Fernet key = the_key();
    expect_refused(Fernet::generate(), encrypted(key, "hello"));
    // Half the key is not the key: the signing half fits, the encrypting one does not.
    Bytes half = from_padded_base64url(key_text).value();
    half[31] ^= 1U;
    const Fernet other = key_of(to_padded_base64url(half));
    const auto opened = other.decrypt(encrypted(key, "hello"));
    EXPECT_TRUE(!opened || opened->reveal() != "hello");
}

TEST(Fernet, holds_to_the_age_that_is_asked_for) {
    const Fernet key = the_key();
    const std::string token = encrypted(key, "x", 1000);
    const auto fresh = [&](std::int64_t ttl, std::uint64_t now) {
        const auto opened = key.decrypt_within(token, seconds(ttl), at(now));
        EXPECT_EQ(refusal(opened), opened ? "" : one_error.message);
        return opened.has_value();
    };
    EXPECT_TRUE(fresh(60, 1060));
    EXPECT_FALSE(fresh(60, 1061));
    EXPECT_TRUE(fresh(0, 1000));
    EXPECT_FALSE(fresh(0, 1001));
    EXPECT_TRUE(fresh(0, 940));  // 60 s ahead of the clock.
    EXPECT_FALSE(fresh(0, 939));
    EXPECT_FALSE(fresh(std::numeric_limits<std::int64_t>::max(), 939));
    EXPECT_FALSE(fresh(-1, 1000));
    EXPECT_FALSE(fresh(std::numeric_limits<std::int64_t>::min(), 1000));
    EXPECT_TRUE(fresh(std::numeric_limits<std::int64_t>::max(), 1001));
    EXPECT_FALSE(fresh(60, last_second));
    EXPECT_FALSE(fresh(std::numeric_limits<std::int64_t>::max(), last_second));
}

TEST(Fernet, holds_to_the_age_without_overflow) {
    const Fernet key = the_key();
    const std::string last = encrypted(key, "x", last_second);
    EXPECT_EQ(refusal(key.decrypt(last)), "");  // No age is asked for.
    for (const std::int64_t ttl :
         {std::int64_t{0}, std::int64_t{60}, std::numeric_limits<std::int64_t>::max()}) {
        EXPECT_EQ(refusal(key.decrypt_within(last, seconds(ttl), at(1000))), one_error.message);
        EXPECT_EQ(refusal(key.decrypt_within(last, seconds(ttl), at(last_second - 61))), one_error.message);
        EXPECT_EQ(refusal(key.decrypt_within(last, seconds(ttl), at(last_second - 60))), "");
        EXPECT_EQ(refusal(key.decrypt_within(last, seconds(ttl), at(last_second))), "");
    }
    const std::string first = encrypted(key, "x", 0);
    EXPECT_EQ(refusal(key.decrypt_within(first, seconds(60), at(60))), "");
    EXPECT_EQ(refusal(key.decrypt_within(first, seconds(60), at(61))), one_error.message);
    EXPECT_EQ(refusal(key.decrypt_within(first, seconds(60), std::chrono::sys_seconds(seconds(-1)))),
              one_error.message);
}

TEST(Fernet, encrypts_up_to_its_limit_and_no_byte_more) {
    const Fernet key = the_key();
    const std::string most(max_fernet_plaintext, 'x');
    const std::string token = encrypted(key, most);
    const auto opened = key.decrypt(token);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), most);
    EXPECT_EQ(key.encrypt(bytes_of(most + "x"), at(1000)).error().code, ErrorCode::too_large);
    // A longer token is refused unread, however well it is signed.
    Bytes longer = from_padded_base64url(token).value();
    longer.resize(longer.size() - 32 + 16);
    expect_refused(key, signed_token(longer));
}

TEST(Fernet, takes_a_key_as_bytes_or_as_canonical_text) {
    const Bytes raw = from_padded_base64url(key_text).value();
    const auto from_bytes = Fernet::from_bytes(Secret(std::string(raw.begin(), raw.end())));
    ASSERT_TRUE(from_bytes);
    EXPECT_EQ(from_bytes->text().reveal(), key_text);
    EXPECT_EQ(the_key().text().reveal(), key_text);
    EXPECT_EQ(from_bytes->decrypt(encrypted(the_key(), "hello"))->reveal(), "hello");
    const Fernet made = Fernet::generate();
    EXPECT_EQ(key_of(made.text().reveal()).decrypt(encrypted(made, "hello"))->reveal(), "hello");
}

TEST(Fernet, refuses_a_key_of_another_form_without_repeating_it) {
    const std::string key(key_text);
    for (const std::string& text :
         {std::string(), key.substr(0, 43), key + "=", key + "\n", " " + key, key.substr(0, 43) + "\n",
          std::string("cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4="), key.substr(0, 42) + "5=",
          key.substr(4), key.substr(0, 42) + "==", key.substr(0, 40) + "AAAA", "AAAA" + key}) {
        const auto made = Fernet::from_text(Secret(text));
        ASSERT_FALSE(made) << text;
        EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(made.error().message, "a Fernet key is 32 bytes as base64url with padding");
    }
    for (const std::size_t size : {0U, 16U, 31U, 33U, 44U, 64U}) {
        EXPECT_EQ(Fernet::from_bytes(Secret(std::string(size, 'x'))).error().code,
                  ErrorCode::invalid_argument);
    }
}

TEST(Fernet, has_an_id_that_is_the_same_for_the_same_key_only) {
    EXPECT_EQ(the_key().id(), the_key().id());
    EXPECT_EQ(the_key().id().size(), 16U);
    EXPECT_TRUE(from_hex(the_key().id()));
    EXPECT_NE(the_key().id(), Fernet::generate().id());
    // Not a plain digest of the key, which something else might show.
    EXPECT_NE(the_key().id(), to_hex(sha256(from_padded_base64url(key_text).value())).substr(0, 16));
    // Stored beside tokens: it may never change.
    EXPECT_EQ(the_key().id(), "226ac0f74cbce179");
}

TEST(Fernet, refuses_to_work_with_initialisation_vectors_of_the_wrong_size) {
    for (const std::size_t size : {0U, 15U, 17U}) {
        const Fernet key = key_of(key_text, [size](std::size_t) { return Bytes(size); });
        EXPECT_EQ(key.encrypt(bytes_of("x"), at(1)).error().code, ErrorCode::internal);
    }
}

TEST(Fernet, refuses_to_work_without_a_source_of_initialisation_vectors) {
    EXPECT_EQ(key_of(key_text, {}).encrypt(bytes_of("x"), at(1)).error().code, ErrorCode::internal);
}

TEST(Fernet, refuses_everything_after_it_was_moved) {
    Fernet key = the_key();
    const std::string token = encrypted(key, "x");
    const Fernet taken = std::move(key);
    EXPECT_EQ(refusal(taken.decrypt(token)), "");
    EXPECT_EQ(key.encrypt(bytes_of("x"), at(1)).error().code, ErrorCode::internal);
    EXPECT_EQ(key.decrypt(token).error().code, ErrorCode::internal);
    EXPECT_EQ(key.timestamp_of(token).error().code, ErrorCode::internal);
}

TEST(Fernet, serves_many_threads_at_once) {
    const Fernet key = the_key();
    std::vector<std::thread> threads;
    std::vector<int> opened(4);
    for (std::size_t number = 0; number < opened.size(); ++number) {
        threads.emplace_back([&, number] {
            for (int i = 0; i < 200; ++i) {
                const std::string plaintext = std::to_string(number) + ":" + std::to_string(i);
                const auto token = key.encrypt(bytes_of(plaintext), at(1));
                if (token && key.decrypt(*token) && key.decrypt(*token)->reveal() == plaintext)
                    ++opened[number];
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const int count : opened) EXPECT_EQ(count, 200);
}

}  // namespace fernet_test
}  // namespace majed::crypto
