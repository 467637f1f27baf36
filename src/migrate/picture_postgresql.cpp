// SPDX-License-Identifier: Apache-2.0
// The picture of PostgreSQL's current_schema().
#include "migrate/picture_postgresql_sql.h"
#include "migrate/picture_reading.h"

#include <algorithm>
#include <array>
#include <utility>

namespace majed::migrate {

namespace {

/// Settings that change how the server writes a definition, and the values all pictures are taken with.
struct Setting {
    std::string_view name;
    std::string_view value;
};
constexpr std::array<Setting, 8> settings{{{"search_path", "pg_catalog, pg_temp"},
                                           {"quote_all_identifiers", "off"},
                                           {"DateStyle", "ISO, YMD"},
                                           {"IntervalStyle", "postgres"},
                                           {"TimeZone", "UTC"},
                                           {"extra_float_digits", "1"},
                                           {"bytea_output", "hex"},
                                           {"standard_conforming_strings", "on"}}};

/// How often a schema that does not hold still is read again.
constexpr int attempts = 10;

constexpr std::string_view one_snapshot = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";

Error moving() {
    return {.code = ErrorCode::conflict,
            .message = "the schema is being changed while it is read",
            .hint = "try again when nobody changes it",
            .failure = FailureClass::contention};
}

class PostgresqlPicture {
public:
    PostgresqlPicture(driver::Connection& connection, Deadline deadline)
        : connection_(connection), deadline_(deadline) {}

    Result<SchemaPicture> read() {
        MAJED_TRY(remember());
        MAJED_TRY(set([](std::size_t i) { return std::string(settings.at(i).value); }));
        for (const std::string_view sql : postgresql_text::all) {
            MAJED_TRY(each(sql, [this](Cells cells) { take(cells); }, {schema_}));
        }
        MAJED_TRY(set([this](std::size_t i) { return before_.at(i); }));
        if (is_torn_) {
            return moving();
        }
        return std::move(picture_);
    }

private:
    Result<void> each(std::string_view sql, std::function<void(Cells)> take, std::vector<Value> values) {
        return for_each_row(connection_, sql, std::move(values), deadline_, std::move(take));
    }

    void take(Cells cells) {
        is_torn_ =
            is_torn_ || std::holds_alternative<Null>(cells[1]) || std::holds_alternative<Null>(cells[2]);
        picture_.push_back({cell_text(cells[0]), cell_text(cells[1]), cell_text(cells[2])});
    }

    /// Runs under the settings of whoever has the session: every name is qualified.
    Result<void> remember() {
        std::string sql = "SELECT pg_catalog.current_schema()::pg_catalog.text";
        for (const Setting& setting : settings) {
            sql.append(", pg_catalog.current_setting('").append(setting.name).append("')");
        }
        bool has_schema = false;
        MAJED_TRY(each(sql,
                       [&](Cells cells) {
                           has_schema = !std::holds_alternative<Null>(cells[0]);
                           schema_ = cell_text(cells[0]);
                           for (std::size_t i = 0; i < settings.size(); ++i) {
                               before_.at(i) = cell_text(cells[i + 1]);
                           }
                       },
                       {}));
        if (!has_schema) {
            return Error{.code = ErrorCode::not_found,
                         .message = "there is no schema to look at: the session's search_path names none",
                         .hint = "create the schema, or set the search_path of the role"};
        }
        return {};
    }

    /// Until the transaction ends, at the longest.
    template <class ValueOf>
    Result<void> set(ValueOf value_of) {
        std::string sql = "SELECT ";
        std::vector<Value> values;
        for (std::size_t i = 0; i < settings.size(); ++i) {
            values.emplace_back(value_of(i));
            sql.append(i == 0 ? "" : ", ").append("pg_catalog.set_config('").append(settings.at(i).name);
            sql.append("', $").append(std::to_string(i + 1)).append(", true)");
        }
        return each(
            sql, [](Cells) {}, std::move(values));
    }

    driver::Connection& connection_;
    Deadline deadline_;
    std::string schema_;
    std::array<std::string, settings.size()> before_;
    bool is_torn_ = false;
    SchemaPicture picture_;
};

/// What the server says of an object that went away between two looks at it: its functions look anew, whatever the
/// transaction sees. XX000 is `cache lookup failed`.
constexpr std::array<std::string_view, 5> states_of_movement{"XX000", "42P01", "42703", "42704", "42883"};

bool is_movement(const Error& error) {
    return error.code == ErrorCode::conflict ||
           std::find(states_of_movement.begin(), states_of_movement.end(), error.native_state) !=
               states_of_movement.end();
}

}  // namespace

Result<SchemaPicture> picture_of_postgresql(driver::Connection& connection, Deadline deadline) {
    const bool is_ours = !connection.in_transaction();
    const auto read = [&]() -> Result<SchemaPicture> {
        if (is_ours) {
            MAJED_TRY(for_each_row(connection, one_snapshot, {}, deadline, [](Cells) {}));
        }
        return PostgresqlPicture(connection, deadline).read();
    };
    auto picture = in_transaction(connection, deadline, read);
    for (int attempt = 1; attempt < attempts && is_ours && connection.reusable(); ++attempt) {
        if (picture || !is_movement(picture.error())) {
            return picture;
        }
        picture = in_transaction(connection, deadline, read);
    }
    if (picture || !is_movement(picture.error())) {
        return picture;
    }
    Error error = moving();
    error.native_code = picture.error().native_code;
    error.native_state = picture.error().native_state;
    return error;
}

}  // namespace majed::migrate
