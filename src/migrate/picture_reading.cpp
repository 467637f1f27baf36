// SPDX-License-Identifier: Apache-2.0
#include "migrate/picture_reading.h"

#include "core/ascii.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <variant>

namespace majed::migrate {

namespace {

constexpr std::uint64_t most_bytes = 256U << 20U;
constexpr std::uint64_t most_rows = 2'000'000;

constexpr std::array<std::string_view, 3> ledger_names{"schema_migrations", "schema_migrations_objects",
                                                       "schema_migrations_lock"};

class TakingSink final : public driver::RowSink {
public:
    explicit TakingSink(std::function<void(Cells)> take) : take_(std::move(take)) {}
    Result<void> row(Cells cells) override {
        take_(cells);
        return {};
    }

private:
    std::function<void(Cells)> take_;
};

}  // namespace

std::string cell_text(const ValueView& cell) {
    if (const auto* const text = std::get_if<std::string_view>(&cell)) {
        return std::string(*text);
    }
    const auto* const number = std::get_if<std::int64_t>(&cell);
    return number == nullptr ? std::string() : std::to_string(*number);
}

bool is_ledger_name(std::string_view name) {
    return std::any_of(ledger_names.begin(), ledger_names.end(),
                       [name](std::string_view known) { return equal_ascii_case(known, name); });
}

Result<void> for_each_row(driver::Connection& connection, std::string_view sql, std::vector<Value> positional,
                          Deadline deadline, std::function<void(Cells)> take) {
    TakingSink sink(std::move(take));
    driver::Parameters parameters;
    parameters.positional = std::move(positional);
    const driver::RunLimits limits{.deadline = deadline, .max_rows = most_rows, .max_bytes = most_bytes};
    MAJED_TRY_ASSIGN(const driver::RunSummary done, connection.execute(sql, parameters, limits, sink));
    if (done.truncated) {
        return Error{ErrorCode::too_large, "the schema has more objects than a picture of it can hold"};
    }
    return {};
}

Result<SchemaPicture> in_transaction(driver::Connection& connection, Deadline deadline,
                                     const std::function<Result<SchemaPicture>()>& read) {
    if (connection.in_transaction()) {
        return read();
    }
    MAJED_TRY(connection.begin(driver::TransactionMode::read_only, deadline));
    auto picture = read();
    const auto ended = connection.rollback(deadline);
    if (picture && !ended) {
        return ended.error();
    }
    return picture;
}

}  // namespace majed::migrate
