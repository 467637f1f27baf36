/// The application's buffers for values: read for binds, filled for fetched rows and for RETURNING.
///
/// Why      Each type of the interface has its own layout and its own idea of length and NULL.
/// Life     Bindings and defines belong to their statement.
/// Threads  The statement's.
/// Not here Executing: statement.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <string>

#include "cell.h"
#include "handles.h"

namespace majed::oci_double {

using InCallback = std::int32_t (*)(void* context, void* binding, std::uint32_t iteration,
                                    std::uint32_t index, void** buffer, std::uint32_t* length,
                                    std::uint8_t* piece, void** indicator);
using OutCallback = std::int32_t (*)(void* context, void* binding, std::uint32_t iteration,
                                     std::uint32_t index, void** buffer, std::uint32_t** length,
                                     std::uint8_t* piece, void** indicator, std::uint16_t** return_code);
using DefineCallback = std::int32_t (*)(void* context, void* define, std::uint32_t iteration, void** buffer,
                                        std::uint32_t** length, std::uint8_t* piece, void** indicator,
                                        std::uint16_t** return_code);

/// Where the elements of an array of values lie.
struct ValueArray {
    char* values = nullptr;
    std::size_t element_size = 0;
    DataType type = DataType::varchar;
    std::int16_t* indicators = nullptr;
    std::uint32_t* lengths = nullptr;
    std::uint16_t* return_codes = nullptr;
};

struct Binding : Handle {
    Binding() : Handle(HandleKind::bind) {}

    ValueArray array;
    void* in_context = nullptr;
    InCallback in = nullptr;
    void* out_context = nullptr;
    OutCallback out = nullptr;
    /// Of the iteration at hand, behind RETURNING.
    std::uint32_t rows_returned = 0;
};

struct Define : Handle {
    Define() : Handle(HandleKind::define) {}

    ValueArray array;
    void* context = nullptr;
    DefineCallback callback = nullptr;
};

/// The value of one iteration, for SQLite.
Failure read_binding(Binding& binding, std::uint32_t iteration, Cell& out);
int bind_cell(sqlite3_stmt* statement, int index, const Cell& cell);

Cell read_column(sqlite3_stmt* statement, int index);

/// `time_zone` is what TIMESTAMP WITH LOCAL TIME ZONE is told in, in minutes.
Failure store_fetched(Define& define, std::uint32_t row, const Cell& cell, const Column& column,
                      int time_zone);
Failure store_returned(Binding& binding, std::uint32_t iteration, std::uint32_t index, const Cell& cell,
                       const Column& column);

/// As text, in the form of the column's type; LOBs and raw values are their bytes.
std::string cell_text(const Cell& cell, const Column& column);

}  // namespace majed::oci_double
