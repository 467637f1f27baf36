// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/row_reader.h"

#include "driver/oracle/decimal_text.h"
#include "driver/oracle/utf16_units.h"
#include "driver/single_precision.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace majed::driver::oracle {

namespace {

/// Memory of one fetch, about.
constexpr std::size_t fetch_bytes = 1U << 20U;
constexpr std::uint64_t most_fetched_rows = 1000;
/// Each locator holds memory on the server, too.
constexpr std::uint64_t most_rows_with_lobs = 64;
/// Characters or bytes of a LOB per round trip; a character takes four bytes at most.
constexpr std::uint64_t piece_units = 128U << 10U;
constexpr std::uint64_t bytes_per_unit = 4;
/// One cell is held whole, so there is a bound even for who sets none.
constexpr std::uint64_t largest_cell = 256U << 20U;
/// ORA-22831: the piece would end in the middle of a character outside the basic plane.
constexpr int splits_a_character = 22831;

Error internal_error(std::string message) {
    return Error{ErrorCode::internal, std::move(message)};
}

Error answer_too_large() {
    return Error{ErrorCode::too_large, "the answer exceeds the limit on its size"};
}

std::string_view view_of(const dpiBytes& bytes) noexcept {
    return {bytes.ptr, bytes.length};
}

BlobView blob_of(std::string_view bytes) noexcept {
    return {std::as_bytes(std::span(bytes.data(), bytes.size()))};
}

}  // namespace

CallAnswer RowReader::describe(PhysicalSession& session, dpiStmt* statement, std::uint32_t columns) {
    described_.clear();
    columns_.clear();
    described_.resize(columns);
    has_lobs_ = false;
    for (std::uint32_t i = 0; i < columns; ++i) {
        dpiQueryInfo description{};
        if (auto failed = session.answer(session.odpi().column(statement, i + 1, &description))) {
            return failed;
        }
        auto plan = plan_column(description);
        if (!plan) {
            return CallFailure{.native = {}, .own = std::move(plan).error()};
        }
        has_lobs_ = has_lobs_ || plan->is_lob();
        columns_.push_back(plan->column);
        described_[i].plan = *std::move(plan);
    }
    cells_.resize(columns);
    return std::nullopt;
}

std::uint32_t RowReader::rows_that_fit(std::uint64_t wanted) const {
    std::size_t width = 1;
    for (const Column& column : described_) {
        width += column.plan.width + sizeof(dpiData);
    }
    const std::uint64_t by_bytes = std::max<std::uint64_t>(1, fetch_bytes / width);
    const std::uint64_t by_count = has_lobs_ ? most_rows_with_lobs : most_fetched_rows;
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, std::min({wanted, by_bytes, by_count})));
}

CallAnswer RowReader::make_arrays(PhysicalSession& session, dpiStmt* statement, std::uint64_t wanted) {
    array_ = rows_that_fit(wanted);
    if (auto failed = session.answer(session.odpi().set_fetch_array(statement, array_))) {
        return failed;
    }
    std::uint32_t position = 0;
    for (Column& column : described_) {
        dpiVar* made = nullptr;
        if (auto failed = session.answer(session.odpi().new_variable(
                session.connection(), column.plan.oracle_type, column.plan.native_type, array_,
                column.plan.size, 1, 0, nullptr, &made, &column.cells))) {
            return failed;
        }
        column.variable = {made, {session.odpi().release_variable}};
        if (auto failed = session.answer(session.odpi().define(statement, ++position, made))) {
            return failed;
        }
    }
    return std::nullopt;
}

CallAnswer RowReader::start(PhysicalSession& session, dpiStmt* statement, std::uint64_t wanted) {
    if (auto failed = make_arrays(session, statement, wanted)) {
        return failed;
    }
    return fetch(session, statement);
}

CallAnswer RowReader::fetch(PhysicalSession& session, dpiStmt* statement) {
    return session.answer(session.odpi().fetch(statement, array_, &first_, &fetched_, &more_));
}

Result<std::span<const ValueView>> RowReader::row(PhysicalSession& session, std::uint32_t index,
                                                  std::uint64_t& bytes_left, Deadline deadline) {
    for (std::size_t i = 0; i < described_.size(); ++i) {
        Column& column = described_[i];
        const dpiData& data = column.cells[first_ + index];
        if (data.isNull != 0) {
            cells_[i] = Null{};
            continue;
        }
        if (column.plan.is_lob()) {
            MAJED_TRY(
                read_lob(session, column, data.value.asLOB, std::min(bytes_left, largest_cell), deadline));
            if (column.plan.form == CellForm::binary_lob) {
                cells_[i] = blob_of(column.scratch);
            } else {
                cells_[i] = std::string_view(column.scratch);
            }
        } else {
            MAJED_TRY_ASSIGN(cells_[i], cell(session, column, data));
        }
        const std::uint64_t size = payload_size(cells_[i]);
        if (size > bytes_left) {
            return answer_too_large();
        }
        bytes_left -= size;
    }
    return std::span<const ValueView>(cells_);
}

Result<ValueView> RowReader::cell(PhysicalSession& session, Column& column, const dpiData& cell) const {
    const dpiDataBuffer& value = cell.value;
    switch (column.plan.form) {
        case CellForm::integer: {
            const auto number = plain_integer(view_of(value.asBytes));
            return number ? Result<ValueView>(*number)
                          : internal_error("a whole number of the database is none");
        }
        case CellForm::decimal: {
            const auto number = plain_decimal(view_of(value.asBytes), column.scratch);
            return number ? Result<ValueView>(*number) : internal_error("a number of the database is none");
        }
        case CellForm::text:
            return ValueView(view_of(value.asBytes));
        case CellForm::blob:
            return ValueView(blob_of(view_of(value.asBytes)));
        case CellForm::real32:
            return ValueView(widened(value.asFloat));
        case CellForm::real64:
            return ValueView(value.asDouble);
        case CellForm::boolean:
            return ValueView(value.asBoolean != 0);
        case CellForm::timestamp:
            return ValueView(timestamp_text(value.asTimestamp, Zone::none, column.temporal));
        case CellForm::timestamp_tz:
            return ValueView(timestamp_text(value.asTimestamp, Zone::shown, column.temporal));
        case CellForm::interval_ds:
            return ValueView(interval_text(value.asIntervalDS, column.temporal));
        case CellForm::interval_ym:
            return ValueView(interval_text(value.asIntervalYM, column.temporal));
        case CellForm::rowid: {
            const char* text = nullptr;
            std::uint32_t length = 0;
            MAJED_TRY(session.local(session.odpi().rowid_text(value.asRowid, &text, &length)));
            return ValueView(std::string_view(text, length));
        }
        case CellForm::character_lob:
        case CellForm::binary_lob:
            break;
    }
    return internal_error("a cell has no form");
}

Result<void> RowReader::read_lob(PhysicalSession& session, Column& column, dpiLob* lob, std::uint64_t most,
                                 Deadline deadline) {
    column.scratch.clear();
    MAJED_TRY(session.call(deadline, [this, &session, lob] {
        return session.answer(session.odpi().lob_size(lob, &lob_length_));
    }));
    // Characters are counted in halves of UTF-16: three bytes of UTF-8 at most, one at least.
    if (lob_length_ > most) {
        return answer_too_large();
    }
    const std::uint64_t length = lob_length_;
    for (std::uint64_t done = 0; done < length;) {
        MAJED_TRY(read_piece(session, lob, done, length - done, deadline));
        if (column.scratch.size() + piece_length_ > most) {
            return answer_too_large();
        }
        const std::string_view piece(piece_.data(), piece_length_);
        const std::uint64_t units =
            column.plan.form == CellForm::character_lob ? utf16_units(piece) : piece.size();
        if (units == 0) {
            return internal_error("a piece of a LOB is empty before its end");
        }
        column.scratch += piece;
        done += units;
    }
    return {};
}

Result<void> RowReader::read_piece(PhysicalSession& session, dpiLob* lob, std::uint64_t offset,
                                   std::uint64_t left, Deadline deadline) {
    std::uint64_t units = std::min(left, piece_units);
    piece_.resize(std::max<std::size_t>(piece_.size(), units * bytes_per_unit));
    for (;;) {
        const auto read = session.call(deadline, [this, &session, lob, offset, units] {
            piece_length_ = piece_.size();
            return session.answer(
                session.odpi().read_lob(lob, offset + 1, units, piece_.data(), &piece_length_));
        });
        if (read) {
            return {};
        }
        if (session.last_native().ora != splits_a_character || units != std::min(left, piece_units) ||
            units < 2) {
            return read.error();
        }
        --units;
    }
}

}  // namespace majed::driver::oracle
