/// What a statement was answered with, by the gateway or by the source itself, as text that can be compared.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "core/error.h"
#include "core/value.h"
#include "driver/run.h"
#include "gateway/gateway.h"
#include "policy/principal.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace majed::governed {

/// Rows as text, cells joined by `|`, NULL as `~`.
struct Answer {
    std::vector<std::string> columns;
    std::vector<std::string> rows;
    std::optional<Error> error;
    std::optional<std::uint64_t> affected;  ///< Of a write.

    void sort() { std::sort(rows.begin(), rows.end()); }
    /// Its rows, or its error, as one text.
    [[nodiscard]] std::string text() const {
        if (error) return std::string(traits(error->code).name) + ": " + error->message;
        std::string all;
        for (const std::string& row : rows) all += row + "\n";
        return all;
    }
};

inline std::string text_of(const ValueView& cell) {
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&cell)) return std::to_string(*real);
    if (const auto* truth = std::get_if<bool>(&cell)) return *truth ? "true" : "false";
    if (const auto* text = std::get_if<std::string_view>(&cell)) return std::string(*text);
    return std::holds_alternative<Null>(cell) ? "~" : "bytes";
}

inline std::string text_of(std::span<const ValueView> cells) {
    std::string text;
    for (const ValueView& cell : cells) text += text_of(cell) + "|";
    return text;
}

/// What a user is answered.
class GovernedSink final : public gateway::ResultSink {
public:
    explicit GovernedSink(Answer& answer) : answer_(answer) {}
    Result<void> columns(std::span<const gateway::ResultColumn> columns) override {
        for (const gateway::ResultColumn& column : columns) answer_.columns.push_back(column.name);
        return {};
    }
    Result<void> row(std::span<const ValueView> cells) override {
        answer_.rows.push_back(text_of(cells));
        return {};
    }

private:
    Answer& answer_;
};

/// What the owner of the tables is answered, past the gateway.
class PlainSink final : public driver::RowSink {
public:
    explicit PlainSink(Answer& answer) : answer_(answer) {}
    Result<void> begin(std::span<const driver::ResultColumn> columns) override {
        for (const driver::ResultColumn& column : columns) answer_.columns.push_back(column.name);
        return {};
    }
    Result<void> row(std::span<const ValueView> cells) override {
        answer_.rows.push_back(text_of(cells));
        return {};
    }

private:
    Answer& answer_;
};

inline policy::Principal somebody(const Attributes& attributes, policy::Role role) {
    policy::Principal who;
    who.id = 1;
    who.name = "somebody";
    who.role = role;
    who.attributes = attributes;
    return who;
}

}  // namespace majed::governed
