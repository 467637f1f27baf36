// SPDX-License-Identifier: Apache-2.0
#include "crypto/encoding.h"

#include <gtest/gtest.h>

namespace majed::crypto {
namespace {

TEST(Encoding, writes_the_base64url_vectors_of_rfc_4648_without_padding) {
    EXPECT_EQ(to_base64url(bytes_of("")), "");
    EXPECT_EQ(to_base64url(bytes_of("f")), "Zg");
    EXPECT_EQ(to_base64url(bytes_of("fo")), "Zm8");
    EXPECT_EQ(to_base64url(bytes_of("foobar")), "Zm9vYmFy");
    EXPECT_EQ(to_base64url(Bytes{0xfb, 0xff}), "-_8");
}

TEST(Encoding, reads_back_every_length_of_bytes) {
    for (std::size_t length = 0; length < 70; ++length) {
        Bytes bytes;
        for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 37 + length));
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
        EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    }
}

TEST(Encoding, refuses_base64url_that_no_encoder_writes) {
    EXPECT_FALSE(from_base64url("Zg=="));
    EXPECT_FALSE(from_base64url("Zh"));  // Its last four bits are not zero.
    EXPECT_FALSE(from_base64url("Z"));
    EXPECT_FALSE(from_base64url("Zm+v"));
    EXPECT_FALSE(from_base64url("Zm 9v"));
}

TEST(Encoding, refuses_hexadecimal_of_odd_length_or_foreign_characters) {
    EXPECT_FALSE(from_hex("abc"));
    EXPECT_FALSE(from_hex("zz"));
    EXPECT_EQ(from_hex("00fF"), (Bytes{0x00, 0xff}));
}

}  // namespace
}  // namespace majed::crypto
