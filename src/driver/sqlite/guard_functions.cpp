// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/guard_functions.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sqlite3.h>

#include <array>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace majed::driver::sqlite {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t shown_hash_bytes = 16;

const GuardContext& context_of(sqlite3_context* call) {
    return *static_cast<const GuardContext*>(sqlite3_user_data(call));
}

/// nullptr when the principal lacks the attribute named by `name`, or nobody asks (SQLite is planning).
const std::vector<std::string>* values_of(sqlite3_context* call, sqlite3_value* name) {
    const Attributes* identity = context_of(call).identity;
    const unsigned char* text = sqlite3_value_text(name);
    if (identity == nullptr || text == nullptr) {
        return nullptr;
    }
    const auto length = static_cast<std::size_t>(sqlite3_value_bytes(name));
    const auto found = identity->find(std::string_view(reinterpret_cast<const char*>(text), length));
    return found == identity->end() || found->second.empty() ? nullptr : &found->second;
}

void give_text(sqlite3_context* call, std::string_view text) {
    sqlite3_result_text64(call, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void append_json_string(std::string& json, std::string_view text) {
    json += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (byte < 0x20) {
            json += "\\u00";
            json += hex_digits[byte >> 4U];
            json += hex_digits[byte & 0xfU];
        } else {
            json += c;
        }
    }
    json += '"';
}

std::string json_array(const std::vector<std::string>& values) {
    std::string json = "[";
    for (const std::string& value : values) {
        if (json.size() > 1) {
            json += ',';
        }
        append_json_string(json, value);
    }
    json += ']';
    return json;
}

/// Distinguishes 1, 1.0, '1' and x'31', as SQLite's own comparison of unlike types does.
std::string tagged_bytes(sqlite3_value* value) {
    const int type = sqlite3_value_type(value);
    std::string bytes(1, static_cast<char>(type));
    const void* raw =
        type == SQLITE_BLOB ? sqlite3_value_blob(value) : static_cast<const void*>(sqlite3_value_text(value));
    if (raw != nullptr) {
        bytes.append(static_cast<const char*>(raw), static_cast<std::size_t>(sqlite3_value_bytes(value)));
    }
    return bytes;
}

std::string keyed_hash(const std::vector<std::uint8_t>& key, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    const auto* input = reinterpret_cast<const unsigned char*>(bytes.data());
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), input, bytes.size(), digest.data(),
             &length) == nullptr ||
        length < shown_hash_bytes) {
        return {};
    }
    std::string hex;
    for (std::size_t i = 0; i < shown_hash_bytes; ++i) {
        hex += hex_digits[digest.at(i) >> 4U];
        hex += hex_digits[digest.at(i) & 0xfU];
    }
    return hex;
}

void attribute(sqlite3_context* call, sqlite3_value** arguments) {
    const auto* values = values_of(call, arguments[0]);
    if (values != nullptr && values->size() == 1) {
        give_text(call, values->front());
    }
}

void attribute_list(sqlite3_context* call, sqlite3_value** arguments) {
    if (const auto* values = values_of(call, arguments[0])) {
        give_text(call, json_array(*values));
    }
}

void hash(sqlite3_context* call, sqlite3_value** arguments) {
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) {
        return;
    }
    const std::string hex = keyed_hash(context_of(call).guard->hash_key, tagged_bytes(arguments[0]));
    if (hex.empty()) {
        sqlite3_result_error(call, "hash failed", -1);
        return;
    }
    give_text(call, hex);
}

void conflict(sqlite3_context* call, sqlite3_value** /*arguments*/) {
    const std::string text = conflict_text(*context_of(call).guard);
    sqlite3_result_error(call, text.data(), static_cast<int>(text.size()));
}

/// No exception may cross SQLite's frames.
template <void (*function)(sqlite3_context*, sqlite3_value**)>
void call_safely(sqlite3_context* call, int /*count*/, sqlite3_value** arguments) {
    try {
        function(call, arguments);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(call);
    }
}

}  // namespace

std::string conflict_text(const GuardSet& guard) {
    return guard.secret_prefix + "_conflict_met";
}

Result<void> register_guard_functions(sqlite3* database, GuardContext& context) {
    using Callback = void (*)(sqlite3_context*, int, sqlite3_value**);
    const GuardSet& guard = *context.guard;
    const std::array<std::pair<const std::string*, Callback>, 3> functions{{
        {&guard.attribute_function, &call_safely<attribute>},
        {&guard.attribute_list_function, &call_safely<attribute_list>},
        {&guard.hash_function, &call_safely<hash>},
    }};
    // Deterministic: constant within one run, so that SQLite calls it once and can use an index with it.
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    for (const auto& [name, callback] : functions) {
        const int result = sqlite3_create_function_v2(database, name->c_str(), 1, flags, &context, callback,
                                                      nullptr, nullptr, nullptr);
        if (result != SQLITE_OK) {
            return Error{.code = ErrorCode::internal,
                         .message = "cannot register the guard functions",
                         .native_code = result};
        }
    }
    if (guard.conflict_function.empty()) {
        return {};
    }
    // Not deterministic: it must fail where it stands, not once for the whole statement.
    const int result = sqlite3_create_function_v2(database, guard.conflict_function.c_str(), 0,
                                                  SQLITE_UTF8 | SQLITE_INNOCUOUS, &context,
                                                  &call_safely<conflict>, nullptr, nullptr, nullptr);
    return result == SQLITE_OK ? Result<void>()
                               : Error{.code = ErrorCode::internal,
                                       .message = "cannot register the guard functions",
                                       .native_code = result};
}

}  // namespace majed::driver::sqlite
