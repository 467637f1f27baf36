// SPDX-License-Identifier: Apache-2.0
#include "crypto/encoding.h"

#include <gtest/gtest.h>

#include <cctype>

namespace majed::crypto {
namespace encoding_test {

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

TEST(Encoding, reads_the_64_characters_of_base64url_and_no_other_byte) {
    for (std::size_t place = 0; place < 4; ++place) {
        for (unsigned byte = 0; byte < 256; ++byte) {
            std::string text = "AAAA";
            text[place] = static_cast<char>(byte);
            const auto plain = from_base64url(text);
            const auto padded = from_padded_base64url(text);
            const bool listed =
                byte == '-' || byte == '_' || (byte < 0x80 && std::isalnum(static_cast<int>(byte)) != 0);
            EXPECT_EQ(plain.has_value(), listed) << place << " " << byte;
            EXPECT_EQ(padded.has_value(), listed || (place == 3 && byte == '=')) << place << " " << byte;
            EXPECT_EQ(to_base64url(plain.value_or(Bytes{})), plain ? text : "");
            EXPECT_EQ(to_padded_base64url(padded.value_or(Bytes{})), padded ? text : "");
        }
    }
}

TEST(Encoding, writes_the_base64url_vectors_of_rfc_4648_with_padding) {
    EXPECT_EQ(to_padded_base64url(bytes_of("")), "");
    EXPECT_EQ(to_padded_base64url(bytes_of("f")), "Zg==");
    EXPECT_EQ(to_padded_base64url(bytes_of("fo")), "Zm8=");
    EXPECT_EQ(to_padded_base64url(bytes_of("foo")), "Zm9v");
    EXPECT_EQ(to_padded_base64url(Bytes{0xfb, 0xff}), "-_8=");
    EXPECT_EQ(from_padded_base64url(""), Bytes{});
    EXPECT_EQ(from_padded_base64url("-_8="), (Bytes{0xfb, 0xff}));
}

TEST(Encoding, refuses_padded_base64url_that_no_encoder_writes) {
    for (const std::string_view text :
         {"Zg", "Zg=", "Zg===", "Zm9v=", "Zm9v====", "Zh==", "Zm9=", "Zg==Zg==", "=",
          "====", "Z===", "Zg==\n", " Zg==", "Zg =", "+_8=", "-/8=", "Zm9\n", "Zg=\n"}) {
        EXPECT_FALSE(from_padded_base64url(text)) << text;
    }
    EXPECT_FALSE(from_padded_base64url(std::string_view("Zg\0=", 4)));
    EXPECT_FALSE(from_padded_base64url(std::string_view("Zg==\0", 5)));
}

TEST(Encoding, refuses_hexadecimal_of_odd_length_or_foreign_characters) {
    EXPECT_FALSE(from_hex("abc"));
    EXPECT_FALSE(from_hex("zz"));
    EXPECT_EQ(from_hex("00fF"), (Bytes{0x00, 0xff}));
}

}  // namespace encoding_test
}  // namespace majed::crypto
