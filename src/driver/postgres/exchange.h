/// Commands of the driver's own over a wire, one at a time or many in one round trip.
///
/// Why      Always the extended protocol: it runs one statement and cannot be talked into a second.
/// Life     Free functions, and a Pipeline for as long as its exchange lasts. Between begin_operation and its end.
/// Threads  As the wire.
/// Not here Callers' statements with their rows (statement_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/postgres/bound_parameters.h"
#include "driver/postgres/wire.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace majed::driver::postgres {

/// Sends and reads to the end; the last result. Errors: as the statement's.
[[nodiscard]] Result<NativeResult> ask(Wire& wire, const char* sql,
                                       const BoundParameters* parameters = nullptr);

/// The command tag of what was done: `COMMIT`, `ROLLBACK`.
[[nodiscard]] std::string tag_of(const PGresult* result);
/// By INSERT, UPDATE, DELETE and MERGE; 0 for others.
[[nodiscard]] std::uint64_t rows_affected_by(PGresult* result);

/// Statements sent in one go. When one fails, the server skips to the next `sync`.
class Pipeline {
public:
    /// Errors: internal (the wire is in the middle of something).
    [[nodiscard]] static Result<Pipeline> open(Wire& wire);

    [[nodiscard]] Result<void> command(const char* sql);
    [[nodiscard]] Result<void> prepare(const std::string& name, const std::string& sql);
    /// `form` of its answer: 0 text, 1 binary.
    [[nodiscard]] Result<void> run(const std::string& name, const BoundParameters& parameters, int form = 0);
    [[nodiscard]] Result<void> sync();

    struct Failure {
        std::size_t index;  ///< Of the statement within its batch.
        Error error;
    };
    /// Reads the answers up to the next sync; `seen(index, result)` for each that succeeded. The inner answer says which
    /// statement of the batch failed. Errors: unavailable.
    [[nodiscard]] Result<std::optional<Failure>> read(const std::function<void(std::size_t, PGresult*)>& seen,
                                                      const StatementText* text = nullptr);

    /// Reads the answer to one statement of the batch, before `read` has the rest. The inner answer is its error.
    /// Errors: unavailable.
    [[nodiscard]] Result<std::optional<Failure>> read_one();

    /// After the last sync was read. Errors: internal.
    [[nodiscard]] Result<void> close();

private:
    explicit Pipeline(Wire& wire) noexcept : wire_(&wire) {}
    [[nodiscard]] Result<void> sent(int accepted, std::size_t messages);
    Wire* wire_;
    std::size_t batch_ = 0;               ///< Statements since the last sync.
    std::vector<std::size_t> batches_{};  ///< Synced and not read.
};

}  // namespace majed::driver::postgres
