// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_ring.h"

#include <set>
#include <utility>

namespace majed::crypto {
namespace {

Error no_ring(std::string message) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

Error no_keys_left() {
    return Error{.code = ErrorCode::internal, .message = "a key ring was used after it was moved"};
}

}  // namespace

Result<KeyRing> KeyRing::create(std::vector<Fernet> keys) {
    if (keys.empty()) return no_ring("a key ring needs a key");
    if (keys.size() > max_keys) {
        return no_ring("a key ring has at most " + std::to_string(max_keys) + " keys");
    }
    std::set<std::string_view> ids;
    for (const Fernet& key : keys) {
        // Two keys with one id could not be told apart, be they the same or not.
        if (!ids.insert(key.id()).second) return no_ring("the key " + key.id() + " is in the ring twice");
    }
    return KeyRing(std::move(keys));
}

Result<const Fernet*> KeyRing::key_of(std::string_view token) const {
    Error error = no_keys_left();
    for (const Fernet& key : keys_) {
        auto time = key.timestamp_of(token);
        if (time) return &key;
        error = std::move(time).error();
        if (error.code == ErrorCode::internal) break;
    }
    return error;
}

Result<std::string> KeyRing::encrypt(BytesView plaintext, FernetTime now) const {
    if (keys_.empty()) return no_keys_left();
    return keys_.front().encrypt(plaintext, now);
}

Result<Secret> KeyRing::decrypt(std::string_view token) const {
    MAJED_TRY_ASSIGN(const Fernet* const key, key_of(token));
    return key->decrypt(token);
}

Result<Secret> KeyRing::decrypt_within(std::string_view token, std::chrono::seconds ttl,
                                       FernetTime now) const {
    MAJED_TRY_ASSIGN(const Fernet* const key, key_of(token));
    return key->decrypt_within(token, ttl, now);
}

Result<FernetTime> KeyRing::timestamp_of(std::string_view token) const {
    MAJED_TRY_ASSIGN(const Fernet* const key, key_of(token));
    return key->timestamp_of(token);
}

Result<std::string> KeyRing::key_id_of(std::string_view token) const {
    MAJED_TRY_ASSIGN(const Fernet* const key, key_of(token));
    return key->id();
}

Result<bool> KeyRing::needs_rotation(std::string_view token) const {
    MAJED_TRY_ASSIGN(const Fernet* const key, key_of(token));
    return key != &keys_.front();
}

Result<std::string> KeyRing::rotate(std::string_view token) const {
    MAJED_TRY_ASSIGN(const Fernet* const key, key_of(token));
    MAJED_TRY_ASSIGN(const FernetTime time, key->timestamp_of(token));
    MAJED_TRY_ASSIGN(const Secret plaintext, key->decrypt(token));
    return keys_.front().encrypt(bytes_of(plaintext.reveal()), time);
}

std::vector<std::string> KeyRing::ids() const {
    std::vector<std::string> ids;
    ids.reserve(keys_.size());
    for (const Fernet& key : keys_) ids.push_back(key.id());
    return ids;
}

}  // namespace majed::crypto
