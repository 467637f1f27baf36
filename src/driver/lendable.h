/// A physical connection as a pool sees it: alive or not, clean or not, stoppable.
///
/// Why      One pool serves every make of database, and both faces of a connection (session.h, connection.h).
/// Life     Owned by the pool that opened it. Its destructor closes it and never blocks for longer than a goodbye.
/// Threads  One thread at a time; `interrupt` alone may be called from another.
/// Not here When to ask what (pool/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"

namespace majed::driver {

class Lendable {
public:
    Lendable() = default;
    Lendable(const Lendable&) = delete;
    Lendable& operator=(const Lendable&) = delete;
    virtual ~Lendable() = default;

    /// The database answers over this connection. Errors: unavailable (lost), timeout.
    [[nodiscard]] virtual Result<void> ping(Deadline deadline) = 0;

    /// Takes away every trace of the last user: open transaction, identity, settings, temporary objects, interrupts
    /// not yet delivered. After an error the connection must be closed. Errors: unavailable, timeout.
    [[nodiscard]] virtual Result<void> reset(Deadline deadline) = 0;

    /// Makes the statement that runs now end with `cancelled` soon. Any thread; harmless when nothing runs, and never
    /// felt by a statement of a later user (`reset` lies between).
    virtual void interrupt() noexcept = 0;

    /// False after an error that leaves the connection in doubt: close it, do not lend it again.
    [[nodiscard]] virtual bool reusable() const noexcept = 0;

    /// In a forked child: forgets the connection without a word to the database, so that the parent's lives on.
    /// Afterwards only the destructor may be called.
    virtual void abandon() noexcept = 0;
};

}  // namespace majed::driver
