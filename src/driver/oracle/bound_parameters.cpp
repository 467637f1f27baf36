// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/bound_parameters.h"

#include "core/ascii.h"
#include "driver/oracle/decimal_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <variant>

namespace majed::driver::oracle {

namespace {

/// What SQL takes as VARCHAR2 or RAW at all; beyond it is a LOB.
constexpr std::size_t longest_inline = 32767;
/// Of a VARCHAR2 where MAX_STRING_SIZE is STANDARD.
constexpr std::size_t longest_anywhere = 4000;
constexpr std::size_t widest_number = 40;

Error wrong_parameters(std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message)};
}

bool is_number(std::string_view name) {
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The text form of a value that is bound as text because another of the same placeholder is.
std::string text_of(const Value& value) {
    std::array<char, 64> digits{};
    const auto written = [&](auto number) {
        const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
        return problem == std::errc() ? std::string(digits.data(), end) : std::string();
    };
    if (const auto* const text = std::get_if<std::string>(&value)) {
        return *text;
    }
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        return written(*number);
    }
    if (const auto* const truth = std::get_if<bool>(&value)) {
        return *truth ? "1" : "0";
    }
    if (const auto* const real = std::get_if<double>(&value)) {
        if (std::isnan(*real)) {
            return "Nan";
        }
        if (std::isinf(*real)) {
            return *real > 0 ? "Inf" : "-Inf";
        }
        return written(*real);
    }
    return {};
}

std::string_view bytes_of(const Blob& blob) {
    return {reinterpret_cast<const char*>(blob.bytes.data()), blob.bytes.size()};
}

BindForm form_of(const Value& value, std::size_t& size, TextBind style) {
    size = widest_number;
    if (std::holds_alternative<std::int64_t>(value) || std::holds_alternative<bool>(value)) {
        return BindForm::integer;
    }
    if (std::holds_alternative<double>(value)) {
        return BindForm::real;
    }
    if (const auto* const text = std::get_if<std::string>(&value)) {
        size = std::max<std::size_t>(1, text->size());
        const std::size_t longest = style == TextBind::document ? longest_anywhere : longest_inline;
        return size > longest ? BindForm::character_lob : BindForm::text;
    }
    if (const auto* const blob = std::get_if<Blob>(&value)) {
        size = std::max<std::size_t>(1, blob->bytes.size());
        return size > longest_inline ? BindForm::binary_lob : BindForm::bytes;
    }
    size = 1;
    return BindForm::none;
}

bool is_binary(BindForm form) noexcept {
    return form == BindForm::bytes || form == BindForm::binary_lob;
}

/// What takes both; none when nothing does.
BindForm wider(BindForm left, BindForm right) noexcept {
    if (left == right || right == BindForm::none) {
        return left;
    }
    if (left == BindForm::none) {
        return right;
    }
    if (is_binary(left) != is_binary(right)) {
        return BindForm::none;
    }
    if (is_binary(left)) {
        return BindForm::binary_lob;
    }
    const bool is_long = left == BindForm::character_lob || right == BindForm::character_lob;
    return is_long ? BindForm::character_lob : BindForm::text;
}

struct VariableType {
    dpiOracleTypeNum oracle = DPI_ORACLE_TYPE_VARCHAR;
    dpiNativeTypeNum native = DPI_NATIVE_TYPE_BYTES;
};

VariableType type_of(BindForm form, TextBind style = TextBind::usual) noexcept {
    switch (form) {
        case BindForm::integer:
            return {DPI_ORACLE_TYPE_NUMBER, DPI_NATIVE_TYPE_INT64};
        case BindForm::real:
            return {DPI_ORACLE_TYPE_NATIVE_DOUBLE, DPI_NATIVE_TYPE_DOUBLE};
        case BindForm::bytes:
            return {DPI_ORACLE_TYPE_RAW, DPI_NATIVE_TYPE_BYTES};
        case BindForm::character_lob:
            return {DPI_ORACLE_TYPE_CLOB, DPI_NATIVE_TYPE_LOB};
        case BindForm::binary_lob:
            return {DPI_ORACLE_TYPE_BLOB, DPI_NATIVE_TYPE_LOB};
        case BindForm::none:
        case BindForm::text:
            break;
    }
    if (style == TextBind::literal) {
        return {DPI_ORACLE_TYPE_CHAR, DPI_NATIVE_TYPE_BYTES};
    }
    return {};
}

/// Oracle stores an empty text or blob as NULL, whatever way it comes; a NULL is the way that every type takes.
bool is_null(const Value& value) {
    const auto* const text = std::get_if<std::string>(&value);
    const auto* const blob = std::get_if<Blob>(&value);
    return std::holds_alternative<Null>(value) || (text != nullptr && text->empty()) ||
           (blob != nullptr && blob->bytes.empty());
}

const Value* find_named(const Parameters& given, std::string_view name) {
    const auto found = std::find_if(given.named.begin(), given.named.end(),
                                    [&](const auto& entry) { return equal_ascii_case(entry.first, name); });
    return found == given.named.end() ? nullptr : &found->second;
}

Result<void> refuse_unknown_names(std::span<const std::string> names, const Parameters& given) {
    for (auto entry = given.named.begin(); entry != given.named.end(); ++entry) {
        const auto same = [&](const auto& other) { return equal_ascii_case(other.first, entry->first); };
        if (std::any_of(given.named.begin(), entry, same)) {
            return wrong_parameters("parameter :" + entry->first + " was given twice");
        }
        if (std::none_of(names.begin(), names.end(),
                         [&](const std::string& name) { return equal_ascii_case(name, entry->first); })) {
            return wrong_parameters("the statement has no parameter :" + entry->first);
        }
    }
    return {};
}

}  // namespace

bool BindShape::take(const Value& value, TextBind style) {
    std::size_t size_of_value = 1;
    const BindForm other = form_of(value, size_of_value, style);
    const BindForm both = wider(form, other);
    if (both == BindForm::none && (form != BindForm::none || other != BindForm::none)) {
        return false;
    }
    form = both;
    size = std::max(size, size_of_value);
    return true;
}

Result<std::vector<std::size_t>> match_positions(std::span<const std::string> names, std::size_t columns) {
    std::vector<std::size_t> positions;
    std::size_t next = 0;
    std::size_t used = 0;
    for (const std::string& name : names) {
        std::size_t position = next++;
        if (is_number(name)) {
            std::size_t number = 0;
            std::from_chars(name.data(), name.data() + name.size(), number);
            position = number - 1;
        }
        if (position >= columns) {
            return wrong_parameters("no value was given for parameter :" + name);
        }
        positions.push_back(position);
        used = std::max(used, position + 1);
    }
    if (columns > used) {
        return wrong_parameters("the statement has no parameter :" + std::to_string(used + 1));
    }
    return positions;
}

Result<std::vector<const Value*>> match_parameters(std::span<const std::string> names,
                                                   const Parameters& given) {
    std::vector<const Value*> values;
    if (given.named.empty()) {
        MAJED_TRY_ASSIGN(const auto positions, match_positions(names, given.positional.size()));
        for (const std::size_t position : positions) {
            values.push_back(&given.positional[position]);
        }
        return values;
    }
    std::vector<std::string> numbers;
    std::copy_if(names.begin(), names.end(), std::back_inserter(numbers), is_number);
    MAJED_TRY_ASSIGN(const auto positions, match_positions(numbers, given.positional.size()));
    auto position = positions.begin();
    for (const std::string& name : names) {
        const Value* const value = is_number(name) ? &given.positional[*position++] : find_named(given, name);
        if (value == nullptr) {
            return wrong_parameters("no value was given for parameter :" + name);
        }
        values.push_back(value);
    }
    MAJED_TRY(refuse_unknown_names(names, given));
    return values;
}

namespace {

Result<BindShape> shape_of(const Placeholder& place, std::span<const Value* const> rows) {
    BindShape shape;
    for (const Value* const value : rows) {
        if (!shape.take(*value, place.style)) {
            return wrong_parameters("parameter :" + std::string(place.name) +
                                    " takes blobs and other values in one batch");
        }
    }
    return shape;
}

}  // namespace

Result<void> BoundParameters::bind(PhysicalSession& session, dpiStmt* statement, const Placeholder& place,
                                   std::span<const Value* const> rows, Deadline deadline) {
    MAJED_TRY_ASSIGN(const BindShape shape, shape_of(place, rows));
    const VariableType type = type_of(shape.form, place.style);
    // Owned by this object from the start: what holds LOBs must not be released by the caller's thread.
    Bound& bound = bound_.emplace_back();
    dpiVar* made = nullptr;
    MAJED_TRY(session.local(session.odpi().new_variable(
        session.connection(), type.oracle, type.native, static_cast<std::uint32_t>(rows.size()),
        static_cast<std::uint32_t>(std::min(shape.size, longest_inline)), 1, 0, nullptr, &made,
        &bound.cells)));
    bound.variable = {made, {session.odpi().release_variable}};
    const bool is_lob = type.native == DPI_NATIVE_TYPE_LOB;
    has_lobs_ = has_lobs_ || is_lob;
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
        const Value& value = *rows[row];
        bound.cells[row].isNull = is_null(value) ? 1 : 0;
        if (bound.cells[row].isNull != 0) {
            continue;
        }
        if (is_lob) {
            const auto* const blob = std::get_if<Blob>(&value);
            lob_bytes_ = blob != nullptr ? std::string(bytes_of(*blob)) : text_of(value);
            MAJED_TRY(set_lob(session, bound, row, shape.form, deadline));
        } else {
            MAJED_TRY(set(session, bound, row, shape.form, value));
        }
    }
    return session.local(session.odpi().bind_by_name(statement, place.name.data(),
                                                     static_cast<std::uint32_t>(place.name.size()), made));
}

Result<void> BoundParameters::set(PhysicalSession& session, const Bound& bound, std::uint32_t row,
                                  BindForm form, const Value& value) {
    dpiData& cell = bound.cells[row];
    if (form == BindForm::integer) {
        const auto* const truth = std::get_if<bool>(&value);
        cell.value.asInt64 = truth != nullptr ? (*truth ? 1 : 0) : std::get<std::int64_t>(value);
        return {};
    }
    if (form == BindForm::real) {
        cell.value.asDouble = std::get<double>(value);
        return {};
    }
    const auto* const blob = std::get_if<Blob>(&value);
    const std::string text = blob == nullptr ? text_of(value) : std::string();
    const std::string_view bytes = blob == nullptr ? std::string_view(text) : bytes_of(*blob);
    return session.local(session.odpi().set_bytes(bound.variable.get(), row, bytes.data(),
                                                  static_cast<std::uint32_t>(bytes.size())));
}

Result<void> BoundParameters::set_lob(PhysicalSession& session, const Bound& bound, std::uint32_t row,
                                      BindForm form, Deadline deadline) {
    const VariableType type = type_of(form);
    MAJED_TRY(session.call(deadline, [this, &session, type]() -> CallAnswer {
        dpiLob* made = nullptr;
        if (auto failed = session.answer(session.odpi().new_lob(session.connection(), type.oracle, &made))) {
            return failed;
        }
        lob_ = {made, {session.odpi().release_lob}};
        // In one call: offsets into a CLOB count halves of UTF-16, and no piece may end between two of them.
        return session.answer(session.odpi().write_lob(made, 1, lob_bytes_.data(), lob_bytes_.size()));
    }));
    return session.local(session.odpi().set_lob(bound.variable.get(), row, lob_.get()));
}

}  // namespace majed::driver::oracle
