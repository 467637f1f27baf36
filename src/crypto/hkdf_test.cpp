// SPDX-License-Identifier: Apache-2.0
#include "crypto/hkdf.h"

#include "crypto/digest.h"

#include <gtest/gtest.h>

namespace majed::crypto {
namespace hkdf_test {

Bytes counting(unsigned first, unsigned last) {
    Bytes bytes;
    for (unsigned byte = first; byte <= last; ++byte) bytes.push_back(static_cast<std::uint8_t>(byte));
    return bytes;
}

std::string hkdf(const Bytes& secret, const HkdfContext& context, std::size_t size) {
    const auto derived = hkdf_sha256(secret, context, size);
    EXPECT_TRUE(derived);
    return derived ? to_hex(bytes_of(derived->reveal())) : "";
}

TEST(Hkdf, is_the_basic_case_of_rfc_5869) {
    const Bytes salt = counting(0x00, 0x0c);
    const Bytes info = counting(0xf0, 0xf9);
    EXPECT_EQ(hkdf(Bytes(22, 0x0b), {.salt = salt, .info = info}, 42),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(Hkdf, is_the_case_of_rfc_5869_with_longer_inputs) {
    const Bytes salt = counting(0x60, 0xaf);
    const Bytes info = counting(0xb0, 0xff);
    EXPECT_EQ(
        hkdf(counting(0x00, 0x4f), {.salt = salt, .info = info}, 82),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da32"
        "75600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

TEST(Hkdf, is_the_case_of_rfc_5869_without_salt_and_info) {
    EXPECT_EQ(hkdf(Bytes(22, 0x0b), {}, 42),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, is_two_hmacs_for_one_block) {
    for (std::size_t length = 1; length <= 100; ++length) {
        const Bytes secret(length, 0x5a);
        const Bytes salt(length % 7, 0x01);
        Bytes info(length % 13, 0x02);
        const HkdfContext context{.salt = salt, .info = info};
        const std::string derived = hkdf(secret, context, 32);
        const Digest extracted = hmac_sha256(salt.empty() ? Bytes(32) : salt, secret);
        info.push_back(1);
        EXPECT_EQ(derived, to_hex(hmac_sha256(extracted, info)));
    }
}

TEST(Hkdf, begins_the_same_whatever_the_size) {
    const std::string longest = hkdf(Bytes(32, 1), {}, max_hkdf_size);
    for (const std::size_t size : {1U, 15U, 16U, 31U, 32U, 33U, 64U}) {
        EXPECT_EQ(hkdf(Bytes(32, 1), {}, size), longest.substr(0, size * 2));
    }
}

TEST(Hkdf, takes_all_of_an_info_up_to_its_limit) {
    Bytes info(max_hkdf_info, 7);
    const std::string derived = hkdf(Bytes(32, 1), {.salt = {}, .info = info}, 32);
    info.back() = 8;
    EXPECT_NE(hkdf(Bytes(32, 1), {.salt = {}, .info = info}, 32), derived);
    info.push_back(7);
    const HkdfContext longer{.salt = {}, .info = info};
    EXPECT_EQ(hkdf_sha256(Bytes(32, 1), longer, 32).error().code, ErrorCode::invalid_argument);
}

TEST(Hkdf, refuses_no_secret_and_impossible_sizes) {
    EXPECT_EQ(hkdf_sha256({}, {}, 32).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(hkdf_sha256(Bytes(32), {}, 0).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(hkdf_sha256(Bytes(32), {}, max_hkdf_size + 1).error().code, ErrorCode::invalid_argument);
}

}  // namespace hkdf_test
}  // namespace majed::crypto
