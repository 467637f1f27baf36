// SPDX-License-Identifier: Apache-2.0
#include "crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace majed::crypto {
namespace {

struct FreeKdf {
    void operator()(EVP_KDF* kdf) const noexcept { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};
using Kdf = std::unique_ptr<EVP_KDF, FreeKdf>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, FreeKdf>;

/// The library only reads what a parameter of an input points to.
OSSL_PARAM octets(const char* name, BytesView bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}

bool derive(std::string& derived, BytesView secret, const HkdfContext& context) {
    const Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const KdfContext running(EVP_KDF_CTX_new(kdf.get()));
    if (running == nullptr) return false;
    std::string digest = "SHA256";
    std::vector<OSSL_PARAM> settings{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        octets(OSSL_KDF_PARAM_KEY, secret)};
    if (!context.salt.empty()) settings.push_back(octets(OSSL_KDF_PARAM_SALT, context.salt));
    if (!context.info.empty()) settings.push_back(octets(OSSL_KDF_PARAM_INFO, context.info));
    settings.push_back(OSSL_PARAM_construct_end());
    return EVP_KDF_derive(running.get(), reinterpret_cast<unsigned char*>(derived.data()), derived.size(),
                          settings.data()) == 1;
}

}  // namespace

Result<Secret> hkdf_sha256(BytesView secret, const HkdfContext& context, std::size_t size) {
    if (secret.empty() || size == 0 || size > max_hkdf_size || context.info.size() > max_hkdf_info) {
        return Error{
            .code = ErrorCode::invalid_argument,
            .message = "a key is derived from a secret, with up to 1024 bytes of info, to 1..8160 bytes"};
    }
    std::string derived;
    derived.reserve(
        sizeof(std::string));  // Not inside the string itself, where moving it would leave a copy.
    derived.resize(size);
    const bool done = derive(derived, secret, context);
    Secret result(std::move(derived));
    if (!done) return Error{.code = ErrorCode::internal, .message = "HKDF-SHA-256 is not available"};
    return result;
}

}  // namespace majed::crypto
