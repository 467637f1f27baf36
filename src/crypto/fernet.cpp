// SPDX-License-Identifier: Apache-2.0
#include "crypto/fernet.h"

#include "crypto/digest.h"
#include "crypto/wipe.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace majed::crypto {
namespace {

// version (1), time (8), initialisation vector (16), ciphertext (whole blocks, at least one), MAC (32)
constexpr std::uint8_t version = 0x80;
constexpr std::size_t half_key = 16;
constexpr std::size_t key_size = 2 * half_key;
constexpr std::size_t time_at = 1;
constexpr std::size_t iv_at = 9;
constexpr std::size_t body_at = 25;
constexpr std::size_t block = 16;
constexpr std::size_t mac_size = 32;
constexpr std::size_t frame = body_at + mac_size;
constexpr std::size_t max_raw = frame + (max_fernet_plaintext / block + 1) * block;
constexpr std::size_t max_text = (max_raw + 2) / 3 * 4;
constexpr std::uint64_t max_skew = 60;

constexpr std::string_view id_domain = "majed-fernet-key-id-v1";
constexpr std::size_t key_id_bytes = 8;

struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

/// What fails in its scope leaves nothing in the thread's error queue, which TLS connections read too.
class QuietErrors {
public:
    QuietErrors() noexcept { ERR_set_mark(); }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
    ~QuietErrors() { ERR_pop_to_mark(); }
};

/// One for every cause: which check failed is nobody's to know.
Error refused() {
    return Error{.code = ErrorCode::invalid_argument, .message = "the token cannot be decrypted"};
}

Error broken(std::string_view what) {
    return Error{.code = ErrorCode::internal, .message = std::string(what)};
}

Error no_key(std::string_view form) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = "a Fernet key is 32 bytes" + std::string(form)};
}

/// The decoded token, when it has a token's shape.
std::optional<Bytes> read_token(std::string_view token) {
    if (token.size() > max_text) return std::nullopt;
    auto raw = from_padded_base64url(token);
    if (!raw || raw->size() < frame + block || (raw->size() - frame) % block != 0) return std::nullopt;
    if (raw->front() != version) return std::nullopt;
    return raw;
}

std::uint64_t time_in(BytesView raw) {
    std::uint64_t time = 0;
    for (const std::uint8_t byte : raw.subspan(time_at, iv_at - time_at)) time = time << 8U | byte;
    return time;
}

/// `time + ttl >= now` and `time <= now + 60`, without a sum that could overflow.
bool is_fresh(std::uint64_t time, std::chrono::seconds ttl, std::uint64_t now) {
    if (ttl.count() < 0) return false;
    if (time < now) return now - time <= static_cast<std::uint64_t>(ttl.count());
    return time - now <= max_skew;
}

/// The key id: a digest that no other use of the key computes.
std::string id_of(const Secret& key) {
    std::string text;
    text.reserve(id_domain.size() + 1 + key_size);  // One allocation: no copy of the key is left behind.
    text.append(id_domain).append(1, '\0').append(key.reveal());
    const Secret named(std::move(text));
    const Digest digest = sha256(bytes_of(named.reveal()));
    return to_hex(BytesView(digest).first(key_id_bytes));
}

/// Appends the ciphertext. False when the library fails.
bool append_encrypted(Bytes& raw, BytesView key, BytesView iv, BytesView plaintext) {
    const Cipher cipher(EVP_CIPHER_CTX_new());
    if (cipher == nullptr ||
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr, key.data(), iv.data()) != 1) {
        return false;
    }
    const std::size_t start = raw.size();
    raw.resize(start + plaintext.size() + block);
    int done = 0;
    if (!plaintext.empty() && EVP_EncryptUpdate(cipher.get(), raw.data() + start, &done, plaintext.data(),
                                                static_cast<int>(plaintext.size())) != 1) {
        return false;
    }
    int rest = 0;
    if (EVP_EncryptFinal_ex(cipher.get(), raw.data() + start + done, &rest) != 1) return false;
    raw.resize(start + static_cast<std::size_t>(done) + static_cast<std::size_t>(rest));
    return true;
}

enum class Opening { done, wrong_padding, failed };

/// Decrypts into `plain`, which the caller wipes whatever the outcome.
Opening decrypt_body(std::string& plain, BytesView key, BytesView iv, BytesView body) {
    const Cipher cipher(EVP_CIPHER_CTX_new());
    if (cipher == nullptr ||
        EVP_DecryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr, key.data(), iv.data()) != 1) {
        return Opening::failed;
    }
    auto* const out = reinterpret_cast<unsigned char*>(plain.data());
    int done = 0;
    if (EVP_DecryptUpdate(cipher.get(), out, &done, body.data(), static_cast<int>(body.size())) != 1) {
        return Opening::failed;
    }
    int rest = 0;
    if (EVP_DecryptFinal_ex(cipher.get(), out + done, &rest) != 1) return Opening::wrong_padding;
    plain.resize(static_cast<std::size_t>(done) + static_cast<std::size_t>(rest));
    return Opening::done;
}

}  // namespace

Fernet Fernet::from_raw(Secret key, IvSource ivs) {
    std::string id = id_of(key);
    return {std::move(key), std::move(id), std::move(ivs)};
}

Fernet Fernet::generate() {
    Bytes key = random_bytes(key_size);
    Secret raw(std::string(key.begin(), key.end()));
    wipe(key);
    return from_raw(std::move(raw), random_bytes);
}

Result<Fernet> Fernet::from_bytes(const Secret& bytes, IvSource ivs) {
    if (bytes.reveal().size() != key_size) return no_key("");
    return from_raw(Secret(std::string(bytes.reveal())), std::move(ivs));
}

Result<Fernet> Fernet::from_text(const Secret& text, IvSource ivs) {
    constexpr std::string_view form = " as base64url with padding";
    if (text.reveal().size() != (key_size + 2) / 3 * 4) return no_key(form);
    auto key = from_padded_base64url(text.reveal());
    if (!key) return no_key(form);
    Secret raw(std::string(key->begin(), key->end()));
    wipe(*key);
    if (raw.reveal().size() != key_size) return no_key(form);
    return from_raw(std::move(raw), std::move(ivs));
}

Secret Fernet::text() const {
    return Secret(to_padded_base64url(bytes_of(key_.reveal())));
}

BytesView Fernet::signing_key() const noexcept {
    return bytes_of(key_.reveal()).first(half_key);
}

BytesView Fernet::encryption_key() const noexcept {
    return bytes_of(key_.reveal()).subspan(half_key);
}

Result<std::string> Fernet::encrypt(BytesView plaintext, FernetTime now) const {
    if (key_.empty()) return broken("a Fernet key was used after it was moved");
    if (plaintext.size() > max_fernet_plaintext) {
        return Error{.code = ErrorCode::too_large, .message = "more than 16 MiB cannot be encrypted at once"};
    }
    const Bytes iv = ivs_ ? ivs_(block) : Bytes();
    if (iv.size() != block) return broken("an initialisation vector of the wrong size");
    Bytes raw;
    raw.reserve(frame + plaintext.size() + block);
    raw.push_back(version);
    const std::uint64_t time = now.time_since_epoch().count();
    for (unsigned shift = 64; shift > 0;) raw.push_back(static_cast<std::uint8_t>(time >> (shift -= 8)));
    raw.insert(raw.end(), iv.begin(), iv.end());
    const QuietErrors quiet;
    if (!append_encrypted(raw, encryption_key(), iv, plaintext))
        return broken("AES-128-CBC is not available");
    const Digest mac = hmac_sha256(signing_key(), raw);
    raw.insert(raw.end(), mac.begin(), mac.end());
    return to_padded_base64url(raw);
}

bool Fernet::has_signed(BytesView raw) const {
    const BytesView given = raw.last(mac_size);
    const Digest mac = hmac_sha256(signing_key(), raw.first(raw.size() - mac_size));
    return equal_constant_time({reinterpret_cast<const char*>(mac.data()), mac.size()},
                               {reinterpret_cast<const char*>(given.data()), given.size()});
}

/// Nothing is decrypted before the MAC is known to be right.
Result<Secret> Fernet::open(BytesView raw) const {
    if (key_.empty()) return broken("a Fernet key was used after it was moved");
    if (!has_signed(raw)) return refused();
    const BytesView body = raw.subspan(body_at, raw.size() - frame);
    // Longer than what a string keeps inside itself, so that moving it leaves no copy.
    std::string plain(body.size() + block, '\0');
    const QuietErrors quiet;
    const Opening opening = decrypt_body(plain, encryption_key(), raw.subspan(iv_at, block), body);
    Secret opened(std::move(plain));
    if (opening == Opening::failed) return broken("AES-128-CBC is not available");
    if (opening == Opening::wrong_padding) return refused();
    return opened;
}

Result<Secret> Fernet::decrypt(std::string_view token) const {
    const auto raw = read_token(token);
    if (!raw) return refused();
    return open(*raw);
}

Result<Secret> Fernet::decrypt_within(std::string_view token, std::chrono::seconds ttl,
                                      FernetTime now) const {
    const auto raw = read_token(token);
    if (!raw || !is_fresh(time_in(*raw), ttl, now.time_since_epoch().count())) return refused();
    return open(*raw);
}

Result<FernetTime> Fernet::timestamp_of(std::string_view token) const {
    if (key_.empty()) return broken("a Fernet key was used after it was moved");
    const auto raw = read_token(token);
    if (!raw || !has_signed(*raw)) return refused();
    return FernetTime(FernetTime::duration(time_in(*raw)));
}

}  // namespace majed::crypto
