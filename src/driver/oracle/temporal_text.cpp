// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/temporal_text.h"

#include <charconv>
#include <cstddef>
#include <cstdlib>

namespace majed::driver::oracle {

namespace {

/// Writes behind what is there; what does not fit is dropped, and the buffer is large enough for all there can be.
class Writer {
public:
    explicit Writer(TemporalText& buffer) noexcept : buffer_(buffer) {}

    void put(char c) noexcept {
        if (length_ < buffer_.size()) {
            buffer_.at(length_++) = c;
        }
    }
    void put(std::int64_t number) noexcept {
        std::array<char, 24> digits{};
        const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
        for (const char* digit = digits.data(); problem == std::errc() && digit != end; ++digit) {
            put(*digit);
        }
    }
    void put_padded(std::uint64_t number, std::size_t width) noexcept {
        std::uint64_t unit = 1;
        for (std::size_t i = 1; i < width; ++i) {
            unit *= 10;
        }
        if (number >= unit * 10) {
            put(static_cast<std::int64_t>(number));
            return;
        }
        for (; unit > 0; unit /= 10) {
            put(static_cast<char>('0' + number / unit % 10));
        }
    }
    /// `.123`, nothing for zero; of nanoseconds, without trailing zeros.
    void put_fraction(std::uint32_t nanoseconds) noexcept {
        if (nanoseconds == 0) {
            return;
        }
        std::size_t width = 9;
        while (nanoseconds % 10 == 0) {
            nanoseconds /= 10;
            --width;
        }
        put('.');
        put_padded(nanoseconds, width);
    }
    [[nodiscard]] std::string_view text() const noexcept { return {buffer_.data(), length_}; }

private:
    TemporalText& buffer_;
    std::size_t length_ = 0;
};

void put_year(Writer& writer, int year) noexcept {
    const int shown = year < 0 ? year + 1 : year;
    if (shown < 0) {
        writer.put('-');
    } else if (shown > 9999) {
        writer.put('+');
    }
    writer.put_padded(static_cast<std::uint64_t>(std::abs(shown)), 4);
}

void put_offset(Writer& writer, int hours, int minutes) noexcept {
    writer.put(hours < 0 || minutes < 0 ? '-' : '+');
    writer.put_padded(static_cast<std::uint64_t>(std::abs(hours)), 2);
    writer.put(':');
    writer.put_padded(static_cast<std::uint64_t>(std::abs(minutes)), 2);
}

void put_part(Writer& writer, std::int64_t count, char unit) noexcept {
    if (count != 0) {
        writer.put(count);
        writer.put(unit);
    }
}

}  // namespace

std::string_view timestamp_text(const dpiTimestamp& time, Zone zone, TemporalText& buffer) noexcept {
    Writer writer(buffer);
    put_year(writer, time.year);
    writer.put('-');
    writer.put_padded(time.month, 2);
    writer.put('-');
    writer.put_padded(time.day, 2);
    writer.put('T');
    writer.put_padded(time.hour, 2);
    writer.put(':');
    writer.put_padded(time.minute, 2);
    writer.put(':');
    writer.put_padded(time.second, 2);
    writer.put_fraction(time.fsecond);
    if (zone == Zone::shown) {
        put_offset(writer, time.tzHourOffset, time.tzMinuteOffset);
    }
    return writer.text();
}

std::string_view interval_text(const dpiIntervalDS& interval, TemporalText& buffer) noexcept {
    Writer writer(buffer);
    writer.put('P');
    put_part(writer, interval.days, 'D');
    const bool has_seconds = interval.seconds != 0 || interval.fseconds != 0;
    if (interval.hours != 0 || interval.minutes != 0 || has_seconds || interval.days == 0) {
        writer.put('T');
    }
    put_part(writer, interval.hours, 'H');
    put_part(writer, interval.minutes, 'M');
    const bool is_zero = interval.days == 0 && interval.hours == 0 && interval.minutes == 0 && !has_seconds;
    if (has_seconds || is_zero) {
        if (interval.seconds < 0 || interval.fseconds < 0) {
            writer.put('-');
        }
        writer.put(std::abs(static_cast<std::int64_t>(interval.seconds)));
        writer.put_fraction(
            static_cast<std::uint32_t>(std::abs(static_cast<std::int64_t>(interval.fseconds))));
        writer.put('S');
    }
    return writer.text();
}

std::string_view interval_text(const dpiIntervalYM& interval, TemporalText& buffer) noexcept {
    Writer writer(buffer);
    writer.put('P');
    put_part(writer, interval.years, 'Y');
    put_part(writer, interval.months, 'M');
    if (interval.years == 0 && interval.months == 0) {
        writer.put('0');
        writer.put('M');
    }
    return writer.text();
}

}  // namespace majed::driver::oracle
