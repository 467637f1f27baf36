/// What a failure reported by ODPI-C means to a caller, to the pool and to the circuit breaker.
///
/// Why      ODPI-C 4.6 hides codes in its texts (`DPI-1080: connection was closed by ORA-3113`, code 0): one place reads
///          them, and the text itself goes no further.
/// Life     Free functions and values.
/// Threads  Pure.
/// Not here What is done about it: physical_session.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace majed::driver::oracle {

/// Numbers only: the text of the database may show rows.
struct NativeError {
    int ora = 0;             ///< 3113 of `ORA-03113`, 0 when none.
    int dpi = 0;             ///< 1080 of `DPI-1080`, 0 when none.
    std::size_t offset = 0;  ///< Byte in the statement, or row of an array; what it is depends on the code.
    friend bool operator==(const NativeError&, const NativeError&) = default;
};

/// Why a call of ours was broken off, when it was.
enum class StopCause : std::uint8_t { none, deadline, interrupt };

/// Reads `code`; when it is 0, `DPI-nnnn` at the front and the last `ORA-n` of `text`.
[[nodiscard]] NativeError read_native_error(std::int32_t code, std::string_view text, std::size_t offset);

/// ORA-01013 and its like are a timeout or a cancellation by who asked for them.
[[nodiscard]] FailureClass failure_class_of(const NativeError& native, StopCause cause) noexcept;

/// The request may have been carried out: the connection broke while we waited for the answer.
[[nodiscard]] bool reply_was_lost(const NativeError& native) noexcept;

/// The call ended because it was told to, or because its time was over.
[[nodiscard]] bool is_break(const NativeError& native) noexcept;

/// The offset is one into the text of the statement, not the number of a row.
[[nodiscard]] bool is_about_text(const NativeError& native) noexcept;

/// The whole error, without an offset.
[[nodiscard]] Error error_of(const NativeError& native, StopCause cause);

/// Of a session that is lost already: nothing was sent.
[[nodiscard]] Error not_usable();

}  // namespace majed::driver::oracle
