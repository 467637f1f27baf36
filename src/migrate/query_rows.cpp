// SPDX-License-Identifier: Apache-2.0
#include "migrate/query_rows.h"

#include <charconv>
#include <span>
#include <utility>

namespace majed::migrate {

namespace {

class Collected final : public driver::RowSink {
public:
    Result<void> row(std::span<const ValueView> cells) override {
        Row& taken = rows_.emplace_back();
        taken.reserve(cells.size());
        for (const ValueView& cell : cells) {
            taken.push_back(to_owned(cell));
        }
        return {};
    }
    std::vector<Row>& rows() noexcept { return rows_; }

private:
    std::vector<Row> rows_;
};

}  // namespace

Result<std::vector<Row>> fetch(driver::Connection& connection, std::string_view sql, Named parameters,
                               Deadline deadline) {
    Collected sink;
    driver::Parameters bound;
    bound.named = std::move(parameters);
    MAJED_TRY(connection.execute(sql, bound, {.deadline = deadline}, sink));
    return std::move(sink.rows());
}

Result<std::uint64_t> change(driver::Connection& connection, std::string_view sql, Named parameters,
                             Deadline deadline) {
    Collected sink;
    driver::Parameters bound;
    bound.named = std::move(parameters);
    MAJED_TRY_ASSIGN(const driver::RunSummary done,
                     connection.execute(sql, bound, {.deadline = deadline}, sink));
    return done.rows_affected;
}

std::string text_of(const Value& value) {
    const auto* const text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string() : *text;
}

std::int64_t integer_of(const Value& value) {
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        return *number;
    }
    if (const auto* const flag = std::get_if<bool>(&value)) {
        return *flag ? 1 : 0;
    }
    const auto* const text = std::get_if<std::string>(&value);
    std::int64_t number = 0;
    if (text != nullptr) {
        static_cast<void>(std::from_chars(text->data(), text->data() + text->size(), number));
    }
    return number;
}

}  // namespace majed::migrate
