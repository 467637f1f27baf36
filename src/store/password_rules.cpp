// SPDX-License-Identifier: Apache-2.0
#include "store/password_rules.h"

#include "core/ascii.h"
#include "store/records.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <string>

namespace majed::store {
namespace {

// Of the lists of leaked passwords, what is long enough to get past the first rule, in lower case. Shorter words that
// such lists are full of are found below by what is left of a password without its digits and signs.
constexpr std::array<std::string_view, 60> common_passwords{"1234567890ab",
                                                            "123456789abc",
                                                            "123qweasdzxc",
                                                            "1q2w3e4r5t6y",
                                                            "1qaz2wsx3edc",
                                                            "access14access",
                                                            "adminadmin123",
                                                            "administrator",
                                                            "administrator1",
                                                            "basketball123",
                                                            "changeme1234",
                                                            "charlie12345",
                                                            "chocolate123",
                                                            "christopher1",
                                                            "computer1234",
                                                            "contrasena123",
                                                            "correcthorsebatterystaple",
                                                            "default12345",
                                                            "dragon123456",
                                                            "football1234",
                                                            "football12345",
                                                            "freedom12345",
                                                            "helloworld123",
                                                            "iloveyou1234",
                                                            "iloveyou12345",
                                                            "jordan123456",
                                                            "letmein12345",
                                                            "letmein123456",
                                                            "liverpool123",
                                                            "manchester123",
                                                            "master123456",
                                                            "michael12345",
                                                            "monkey123456",
                                                            "motdepasse123",
                                                            "mypassword123",
                                                            "oracle123456",
                                                            "p@ssw0rd1234",
                                                            "p@ssword1234",
                                                            "pa$$word1234",
                                                            "passpasspass",
                                                            "passw0rd1234",
                                                            "password1234",
                                                            "password12345",
                                                            "password123456",
                                                            "passwordpassword",
                                                            "postgres1234",
                                                            "postgrespostgres",
                                                            "princess1234",
                                                            "q1w2e3r4t5y6",
                                                            "qazwsxedcrfv",
                                                            "qwerty123456",
                                                            "qwertyuiop12",
                                                            "qwertyuiop123",
                                                            "rootrootroot",
                                                            "samsung12345",
                                                            "secret123456",
                                                            "sunshine1234",
                                                            "superman1234",
                                                            "welcome12345",
                                                            "zaq12wsxcde3"};

constexpr std::array<std::string_view, 22> common_words{
    "admin",  "administrator", "changeme", "default", "football", "iloveyou", "letmein",  "login",
    "majed",  "manager",       "master",   "monkey",  "oracle",   "password", "passwort", "postgres",
    "qwerty", "qwertyuiop",    "root",     "secret",  "vanna",    "welcome"};

constexpr std::array<std::string_view, 6> runs{"abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba",
                                               "01234567890123456789",       "98765432109876543210",
                                               "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm"};

Error refused_password(std::string_view why) {
    return Error{ErrorCode::invalid_argument, "a password " + std::string(why)}.with_hint(
        "several words that have nothing to do with each other are long and easy to keep in mind");
}

std::size_t different_bytes(std::string_view text) {
    std::bitset<256> seen;
    for (const char c : text) seen.set(static_cast<unsigned char>(c));
    return seen.count();
}

/// Without what people add to a word: digits and signs.
std::string letters_of(std::string_view lower) {
    std::string letters;
    std::ranges::copy_if(lower, std::back_inserter(letters), [](char c) {
        return (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
    });
    return letters;
}

bool is_common(const std::string& lower) {
    if (std::ranges::find(common_passwords, lower) != common_passwords.end()) return true;
    const std::string letters = letters_of(lower);
    return std::ranges::find(common_words, letters) != common_words.end();
}

bool is_run(const std::string& lower) {
    return std::ranges::any_of(runs, [&](std::string_view run) { return run.find(lower) != run.npos; });
}

}  // namespace

Result<void> check_password(const Secret& password, std::string_view username) {
    const std::string_view text = password.reveal();
    if (characters_in(text) < min_password_characters)
        return refused_password("must have at least 12 characters");
    if (text.size() > max_password_bytes) return refused_password("must have at most 1024 bytes");
    constexpr std::size_t fewest = 5;
    if (different_bytes(text) < fewest) return refused_password("must not be a few characters over and over");
    std::string lower = ascii_lower(text);
    const bool easy = is_common(lower) || is_run(lower);
    const bool own_name = !username.empty() && letters_of(lower) == letters_of(ascii_lower(username));
    std::ranges::fill(lower, '\0');
    if (easy) return refused_password("must not be one that everybody tries first");
    if (own_name) return refused_password("must not be the user's own name");
    return {};
}

}  // namespace majed::store
