// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/batch_run.h"

#include "driver/postgres/bound_parameters.h"
#include "driver/postgres/exchange.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace majed::driver::postgres {

namespace {

constexpr std::size_t most_rows = 1000;  ///< In a chunk.
constexpr std::size_t most_bytes = std::size_t{4}
                                   << 20U;  ///< Of parameters in a chunk, save for its last row.

Error in_row(Error error, std::size_t row) {
    error.message = "row " + std::to_string(row + 1) + ": " + error.message;
    error.offset.reset();
    return error;
}

}  // namespace

Result<std::uint64_t> run_batch(Wire& wire, const PreparedStatement& statement, BatchRows rows,
                                const char* opening) {
    MAJED_TRY_ASSIGN(Pipeline pipeline, Pipeline::open(wire));
    std::uint64_t affected = 0;
    std::optional<Error> failure;
    std::size_t at = 0;
    while (at < rows.size() && !failure) {
        const std::size_t first = at;
        const std::size_t before = first == 0 ? 1 : 0;  // Statements of the chunk that are no rows.
        if (before != 0) {
            MAJED_TRY(pipeline.command(opening));
        }
        for (std::size_t bytes = 0; at < rows.size() && at - first < most_rows && bytes < most_bytes; ++at) {
            auto bound = BoundParameters::bind(statement.parameters, rows[at]);
            if (!bound) {
                failure = in_row(std::move(bound).error(), at);
                break;
            }
            MAJED_TRY(pipeline.run(statement.name, *bound));
            bytes += bound->bytes();
        }
        MAJED_TRY(pipeline.sync());
        MAJED_TRY_ASSIGN(auto refused, pipeline.read([&](std::size_t, PGresult* result) {
            affected += rows_affected_by(result);
        }));
        if (refused) {
            const bool of_row = refused->index >= before;
            failure = of_row ? in_row(std::move(refused->error), first + refused->index - before)
                             : std::move(refused->error);
        }
    }
    MAJED_TRY(pipeline.close());
    if (failure) {
        return *std::move(failure);
    }
    return affected;
}

}  // namespace majed::driver::postgres
