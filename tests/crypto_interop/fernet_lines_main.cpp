// SPDX-License-Identifier: Apache-2.0
// Our crypto for fernet_interop_test.py: one request a line, one answer a line, `ok ...` or `error ...`.
//
//   encrypt KEY TIME HEX            decrypt KEY TOKEN             within KEY TOKEN TTL NOW      time KEY TOKEN
//   rotate KEY,KEY,... TOKEN        purpose ROOT TIME HEX HEX...  (what to encrypt, then the parts)
//
// HEX is `-` for no bytes; ROOT is hexadecimal.
#include "crypto/purpose_keys.h"

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace majed::crypto {
namespace {

using Words = std::vector<std::string>;

Error unreadable() {
    return Error{.code = ErrorCode::internal, .message = "the line was not understood"};
}

Result<std::string> bytes_in(const std::string& hex) {
    if (hex == "-") return std::string();
    const auto bytes = from_hex(hex);
    if (!bytes) return unreadable();
    return std::string(bytes->begin(), bytes->end());
}

std::string hex_of(const Secret& plaintext) {
    return plaintext.empty() ? "-" : to_hex(bytes_of(plaintext.reveal()));
}

FernetTime time_in(const std::string& word) {
    return FernetTime(FernetTime::duration(std::stoull(word)));
}

Result<Fernet> key_in(const std::string& word) {
    return Fernet::from_text(Secret(word));
}

Result<std::string> rotate(const std::string& words, const std::string& token) {
    std::vector<Fernet> keys;
    std::istringstream list(words);
    for (std::string word; std::getline(list, word, ',');) {
        MAJED_TRY_ASSIGN(auto key, key_in(word));
        keys.push_back(std::move(key));
    }
    MAJED_TRY_ASSIGN(const auto ring, KeyRing::create(std::move(keys)));
    return ring.rotate(token);
}

Result<std::string> encrypt_for_purpose(const Words& words) {
    MAJED_TRY_ASSIGN(auto root, bytes_in(words[1]));
    MAJED_TRY_ASSIGN(const auto plaintext, bytes_in(words[3]));
    Words parts;
    for (std::size_t at = 4; at < words.size(); ++at) {
        MAJED_TRY_ASSIGN(auto part, bytes_in(words[at]));
        parts.push_back(std::move(part));
    }
    MAJED_TRY_ASSIGN(const auto keys, PurposeKeys::from_root(Secret(std::move(root))));
    MAJED_TRY_ASSIGN(const auto ring, keys.ring_for(Purpose(parts.begin(), parts.end())));
    return ring.encrypt(bytes_of(plaintext), time_in(words[2]));
}

Result<std::string> answer_of_key(const Words& words) {
    MAJED_TRY_ASSIGN(const auto key, key_in(words[1]));
    if (words[0] == "encrypt" && words.size() == 4) {
        MAJED_TRY_ASSIGN(const auto plaintext, bytes_in(words[3]));
        return key.encrypt(bytes_of(plaintext), time_in(words[2]));
    }
    if (words[0] == "decrypt" && words.size() == 3) {
        MAJED_TRY_ASSIGN(const auto plaintext, key.decrypt(words[2]));
        return hex_of(plaintext);
    }
    if (words[0] == "within" && words.size() == 5) {
        const std::chrono::seconds ttl(std::stoll(words[3]));
        MAJED_TRY_ASSIGN(const auto plaintext, key.decrypt_within(words[2], ttl, time_in(words[4])));
        return hex_of(plaintext);
    }
    if (words[0] == "time" && words.size() == 3) {
        MAJED_TRY_ASSIGN(const auto time, key.timestamp_of(words[2]));
        return std::to_string(time.time_since_epoch().count());
    }
    return unreadable();
}

Result<std::string> answer_to(const Words& words) {
    if (words.size() < 3) return unreadable();
    if (words[0] == "rotate" && words.size() == 3) return rotate(words[1], words[2]);
    if (words[0] == "purpose" && words.size() > 4) return encrypt_for_purpose(words);
    return answer_of_key(words);
}

}  // namespace
}  // namespace majed::crypto

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream stream(line);
        majed::crypto::Words words;
        for (std::string word; stream >> word;) words.push_back(word);
        const auto answer = majed::crypto::answer_to(words);
        std::cout << (answer ? "ok " + *answer : "error " + answer.error().message) << std::endl;
    }
}
