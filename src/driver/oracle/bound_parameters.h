/// Values of ours in the bind variables of ODPI-C, for one execution or for an array of them.
///
/// Why      Each placeholder becomes one variable whose type fits every value it takes: exact numbers as text or 64-bit
///          integers, long text and blobs as LOBs.
/// Life     Part of a StatementRun: the variables own copies of the values, so that a call may outlive its caller.
/// Threads  The session's user, between calls; LOBs are made by calls.
/// Not here Which placeholders a statement has (statement_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"
#include "driver/oracle/odpi_handle.h"
#include "driver/oracle/physical_session.h"
#include "driver/run.h"

#include <dpi.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::driver::oracle {

/// How a text is bound.
enum class TextBind : std::uint8_t {
    usual,
    literal,   ///< As CHAR, which is compared as a literal is: with another CHAR, as if filled with blanks.
    document,  ///< As CLOB where it is longer than a VARCHAR2 of any database; else an error (ORA-01461).
};
/// By placeholder; `usual` for the others.
using TextBinds = std::map<std::string, TextBind, std::less<>>;

/// The type of a bind variable.
enum class BindForm : std::uint8_t { none, integer, real, text, bytes, character_lob, binary_lob };

struct BindShape {
    BindForm form = BindForm::none;  ///< none: every value is NULL.
    std::size_t size = 1;            ///< Bytes of the longest value as it is bound.

    /// Widens the shape so that `value` fits. False when no type takes both (a blob and something else).
    [[nodiscard]] bool take(const Value& value, TextBind style = TextBind::usual);
};

/// Values by placeholder. `names` as the statement has them: `1`, `NAME`. A number takes the positional value of that
/// number; a name the named value, or, when only positional ones are given, the next in the order of appearance.
/// Errors: invalid_argument (missing, too many, unknown, given twice).
[[nodiscard]] Result<std::vector<const Value*>> match_parameters(std::span<const std::string> names,
                                                                 const Parameters& given);

/// Which element of a positional row each placeholder takes. Errors: invalid_argument.
[[nodiscard]] Result<std::vector<std::size_t>> match_positions(std::span<const std::string> names,
                                                               std::size_t columns);

struct Placeholder {
    std::string_view name;
    TextBind style = TextBind::usual;
};

class BoundParameters {
public:
    /// Binds `rows` values to the placeholder. Errors: invalid_argument, and those of a call.
    [[nodiscard]] Result<void> bind(PhysicalSession& session, dpiStmt* statement, const Placeholder& place,
                                    std::span<const Value* const> rows, Deadline deadline);
    [[nodiscard]] bool has_lobs() const noexcept { return has_lobs_; }

private:
    struct Bound {
        OdpiHandle<dpiVar> variable;
        dpiData* cells = nullptr;
    };

    [[nodiscard]] Result<void> set(PhysicalSession& session, const Bound& bound, std::uint32_t row,
                                   BindForm form, const Value& value);
    [[nodiscard]] Result<void> set_lob(PhysicalSession& session, const Bound& bound, std::uint32_t row,
                                       BindForm form, Deadline deadline);

    std::vector<Bound> bound_;
    bool has_lobs_ = false;
    std::string lob_bytes_;   ///< As the call in flight writes them.
    OdpiHandle<dpiLob> lob_;  ///< Likewise; then kept until the next call or the end.
};

}  // namespace majed::driver::oracle
