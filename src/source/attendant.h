/// The one plain connection a source uses for itself: it reads the catalogue, and on SQLite keeps the WAL open between
/// short reads, which halves their cost.
///
/// Why      Own work must go on while every session of the pool is lent.
/// Life     Owned by its Source. Opened at the first use and again after it was lost.
/// Threads  All methods may be called from any thread; who comes second waits, no longer than its deadline.
/// Not here Users' statements (source.h), health (health_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"
#include "driver/driver.h"

#include <condition_variable>
#include <functional>
#include <memory>

namespace majed::source {

/// What becomes of the connection between two pieces of work.
enum class BetweenWorks { stays_open, is_closed };

class Attendant {
public:
    using Work = std::function<Result<void>(driver::Connection& connection)>;

    /// `driver` outlives it.
    Attendant(driver::Driver& driver, BetweenWorks between) : driver_(driver), between_(between) {}
    Attendant(const Attendant&) = delete;
    Attendant& operator=(const Attendant&) = delete;
    ~Attendant() = default;

    /// Errors: timeout (others took the time), as opening, as the work.
    [[nodiscard]] Result<void> attend(Deadline deadline, const Work& work);
    /// Makes work that is under way end soon.
    void interrupt() noexcept;
    /// The connection that is there now is not used for the next work.
    void renew() noexcept;

private:
    /// Keeps the place until it is destroyed.
    class Turn {
    public:
        explicit Turn(Attendant& attendant) noexcept : attendant_(attendant) {}
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() { attendant_.end_turn(); }

    private:
        Attendant& attendant_;
    };

    [[nodiscard]] bool begin_turn(Deadline deadline);
    void end_turn() noexcept;

    driver::Driver& driver_;
    const BetweenWorks between_;
    Mutex mutex_;
    std::condition_variable_any free_;
    bool busy_ MAJED_GUARDED_BY(mutex_) = false;
    bool outdated_ MAJED_GUARDED_BY(mutex_) = false;  ///< It is closed at the end of the work under way.
    /// Used by whose turn it is, without the lock; replaced under it, because `interrupt` looks at it.
    std::unique_ptr<driver::Connection> connection_;
};

}  // namespace majed::source
