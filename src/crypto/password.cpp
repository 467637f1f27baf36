// SPDX-License-Identifier: Apache-2.0
#include "crypto/password.h"

#include "crypto/random.h"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <semaphore>
#include <utility>

namespace majed::crypto {
namespace {

constexpr std::ptrdiff_t most_places = 64;
using Semaphore = std::counting_semaphore<most_places>;

/// One of the places, held for the time of one hash.
class Place {
public:
    explicit Place(Semaphore& free) noexcept : free_(&free) {}
    Place(Place&& other) noexcept : free_(std::exchange(other.free_, nullptr)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Place& operator=(Place&&) = delete;
    ~Place() {
        if (free_ != nullptr) free_->release();
    }

private:
    Semaphore* free_;
};

Result<Place> take_place(Semaphore& free, std::chrono::milliseconds max_wait) {
    if (!free.try_acquire_for(max_wait)) {
        return Error{.code = ErrorCode::overloaded,
                     .message = "too many passwords are being checked at once",
                     .retry_after = std::chrono::seconds(1)};
    }
    return Place(free);
}

Error no_memory() {
    return Error{.code = ErrorCode::unavailable, .message = "not enough memory to hash a password"};
}

Result<std::string> hash_now(const PasswordOptions& options, std::string_view password) {
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), options.passes,
                              options.memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return no_memory();
    }
    return std::string(text.data());
}

/// A hash of no password: random bytes where the hash would stand. To verify one against it takes what it always takes, but
/// making it takes nothing: most programs that open a store check no password.
std::string hash_of_nobody(const PasswordOptions& options) {
    const auto text = [](std::size_t count) {
        std::array<char, sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)> base64{};
        const Bytes bytes = random_bytes(count);
        sodium_bin2base64(base64.data(), base64.size(), bytes.data(), bytes.size(),
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
        return std::string(base64.data());
    };
    return "$argon2id$v=19$m=" + std::to_string(options.memory_kib) + ",t=" + std::to_string(options.passes) +
           ",p=1$" + text(crypto_pwhash_SALTBYTES) + '$' + text(32);
}

}  // namespace

struct PasswordHasher::Places {
    explicit Places(std::ptrdiff_t count) : free(count) {}
    Semaphore free;
};

PasswordHasher::PasswordHasher(const PasswordOptions& options, std::unique_ptr<Places> places)
    : options_(options), places_(std::move(places)) {}

PasswordHasher::~PasswordHasher() = default;

Result<std::unique_ptr<PasswordHasher>> PasswordHasher::create(const PasswordOptions& options) {
    const bool readable = options.memory_kib * 1024 >= crypto_pwhash_MEMLIMIT_MIN &&
                          options.memory_kib <= 4194304 && options.passes >= 1 && options.passes <= 1000 &&
                          options.max_concurrent >= 1 &&
                          options.max_concurrent <= static_cast<std::size_t>(most_places);
    if (!readable) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "password hashing takes 8..4194304 KiB, 1..1000 passes and 1..64 at once"};
    }
    auto places = std::make_unique<Places>(static_cast<std::ptrdiff_t>(options.max_concurrent));
    std::unique_ptr<PasswordHasher> hasher(new PasswordHasher(options, std::move(places)));
    hasher->nobody_ = hash_of_nobody(options);
    // A text that libsodium cannot read, or reads as another cost, would tell by its time who exists.
    if (crypto_pwhash_str_needs_rehash(hasher->nobody_.c_str(), options.passes, options.memory_kib * 1024) !=
        0) {
        return Error{.code = ErrorCode::internal, .message = "the hash of nobody is none"};
    }
    return hasher;
}

Result<std::string> PasswordHasher::hash(const Secret& password) {
    MAJED_TRY_ASSIGN(const Place place, take_place(places_->free, options_.max_wait));
    return hash_now(options_, password.reveal());
}

Result<PasswordCheck> PasswordHasher::verify(const Secret& password, std::string_view stored) {
    MAJED_TRY_ASSIGN(const Place place, take_place(places_->free, options_.max_wait));
    const std::string text(stored);
    const std::string_view given = password.reveal();
    PasswordCheck check;
    check.matches = crypto_pwhash_str_verify(text.c_str(), given.data(), given.size()) == 0;
    check.needs_rehash = check.matches && crypto_pwhash_str_needs_rehash(text.c_str(), options_.passes,
                                                                         options_.memory_kib * 1024) != 0;
    return check;
}

Result<void> PasswordHasher::verify_nobody(const Secret& password) {
    MAJED_TRY(verify(password, nobody_));
    return {};
}

}  // namespace majed::crypto
