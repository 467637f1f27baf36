// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/bound_parameters.h"

#include "driver/postgres/parameter_fit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cmath>
#include <utility>

namespace majed::driver::postgres {

namespace {

Error wrong(std::string message) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = std::move(message),
                 .failure = FailureClass::user_error};
}

bool is_number(Oid type) noexcept {
    const NativeType* const known = type_of(type);
    return known != nullptr && (known->type == ColumnType::integer || known->type == ColumnType::real ||
                                known->type == ColumnType::decimal);
}

std::string text_of(double number) {
    if (std::isnan(number)) {
        return "NaN";
    }
    if (std::isinf(number)) {
        return number < 0 ? "-Infinity" : "Infinity";
    }
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

std::string text_of(bool truth, Oid type) {
    if (is_number(type)) {
        return truth ? "1" : "0";
    }
    return truth ? "true" : "false";
}

}  // namespace

Result<BoundParameters> BoundParameters::bind(std::span<const Oid> types, std::span<const Value> given) {
    if (given.size() != types.size()) {
        return wrong("the statement takes " + std::to_string(types.size()) + " parameters, " +
                     std::to_string(given.size()) + " were given");
    }
    BoundParameters bound;
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (auto added = bound.add(given[i], types[i]); !added) {
            Error error = std::move(added).error();
            error.message = "parameter $" + std::to_string(i + 1) + ": " + error.message;
            return error;
        }
    }
    return bound;
}

Result<BoundParameters> BoundParameters::bind(const std::vector<std::string>& names,
                                              std::span<const Oid> types, const Parameters& given) {
    for (auto entry = given.named.begin(); entry != given.named.end(); ++entry) {
        const auto same = [&](const auto& other) { return other.first == entry->first; };
        if (std::any_of(given.named.begin(), entry, same)) {
            return wrong("a parameter was given twice");
        }
        if (std::find(names.begin(), names.end(), entry->first) == names.end()) {
            return wrong("the statement does not have one of the named parameters that were given");
        }
    }
    if (names.empty()) {
        return bind(types, given.positional);
    }
    if (!given.positional.empty()) {
        return wrong("the statement's parameters have names; values without were given");
    }
    BoundParameters bound;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto found = std::find_if(given.named.begin(), given.named.end(),
                                        [&](const auto& entry) { return entry.first == names[i]; });
        if (found == given.named.end()) {
            return wrong("no value was given for parameter :" + names[i]);
        }
        if (auto added = bound.add(found->second, i < types.size() ? types[i] : 0); !added) {
            Error error = std::move(added).error();
            error.message = "parameter :" + names[i] + ": " + error.message;
            return error;
        }
    }
    return bound;
}

Result<void> BoundParameters::add(const Value& value, Oid type) {
    exact_ = exact_ && keeps_meaning(value, type);
    if (std::holds_alternative<Null>(value)) {
        values_.push_back(nullptr);
        lengths_.push_back(0);
        formats_.push_back(0);
        return {};
    }
    if (const auto* const truth = std::get_if<bool>(&value)) {
        add_text(text_of(*truth, type));
        return {};
    }
    if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
        add_text(std::to_string(*integer));
        return {};
    }
    if (const auto* const number = std::get_if<double>(&value)) {
        add_text(text_of(*number));
        return {};
    }
    const auto* const blob = std::get_if<Blob>(&value);
    const auto* const text = std::get_if<std::string>(&value);
    const std::size_t size = blob != nullptr ? blob->bytes.size() : text->size();
    if (size > INT_MAX / 2) {
        return Error{.code = ErrorCode::too_large,
                     .message = "the value is too large",
                     .failure = FailureClass::user_error};
    }
    if (blob != nullptr) {
        if (type != bytea_oid) {
            return wrong("bytes can be given to a bytea only");
        }
        const auto chars = std::as_bytes(std::span(blob->bytes));
        // An empty vector may have no storage, and nullptr would be NULL.
        add_bytes(chars.empty() ? "" : reinterpret_cast<const char*>(chars.data()), size, 1);
        return {};
    }
    if (text->find('\0') != std::string::npos) {
        return wrong("a text cannot hold a NUL byte");
    }
    add_bytes(text->c_str(), size, 0);
    return {};
}

void BoundParameters::add_text(std::string text) {
    texts_.push_back(std::move(text));
    add_bytes(texts_.back().c_str(), texts_.back().size(), 0);
}

void BoundParameters::add_bytes(const char* begin, std::size_t size, int format) {
    values_.push_back(begin);
    lengths_.push_back(static_cast<int>(size));
    formats_.push_back(format);
    bytes_ += size;
}

}  // namespace majed::driver::postgres
