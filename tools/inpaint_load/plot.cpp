// SPDX-License-Identifier: Apache-2.0
// The timeline as a picture: two panels over one axis of time.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iomanip>
#include <sstream>
#include <utility>

#include "tools/inpaint_load/timeline.h"

namespace inpaintd::tools {
namespace {

constexpr double left = 70, right = 880, width = 1000, height = 640;  // the legend stands right of the panels

/// Colours that people with colour-blindness can tell apart (Okabe and Ito).
constexpr const char* black = "#222222";
constexpr const char* blue = "#0072b2";
constexpr const char* green = "#009e73";
constexpr const char* orange = "#e69f00";
constexpr const char* red = "#d55e00";

std::string escape(const std::string& text) {
  std::string escaped;
  for (char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else
      escaped += c;
  }
  return escaped;
}

std::string label(double value) {
  std::ostringstream out;
  out << std::setprecision(4) << value;
  return std::move(out).str();
}

/// 1, 2 or 5 times a power of ten, so that up to `count` steps reach `max`.
double tick_step(double max, int count) {
  const double rough = std::max(max, 1e-9) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (double factor : {1.0, 2.0, 5.0})
    if (power * factor >= rough * (1 - 1e-9)) return power * factor;
  return power * 10;
}

/// One curve: its points are (seconds, value); a step keeps its value for the interval.
struct Curve {
  std::string name;
  const char* colour;
  double Interval::* value;
  bool dashed = false;
};

class Panel {
 public:
  Panel(std::ostream& out, const Timeline& timeline, double top, double bottom, double value_max)
      : out_(out), timeline_(timeline), top_(top), bottom_(bottom), step_(tick_step(value_max, 6)) {
    duration_ = timeline.interval_s * static_cast<double>(std::max<std::size_t>(timeline.intervals.size(), 1));
    value_max_ = step_ * std::max(1.0, std::ceil(value_max / step_ - 1e-9));
  }

  void frame(const std::string& title, bool time_axis) {
    if (timeline_.warmup_s > 0)
      out_ << "<rect x=\"" << left << "\" y=\"" << top_ << "\" width=\"" << x(timeline_.warmup_s) - left
           << "\" height=\"" << bottom_ - top_ << "\" fill=\"#eeeeee\"/>\n"
           << "<text x=\"" << left + 4 << "\" y=\"" << top_ + 14 << "\" fill=\"#777777\">warm-up</text>\n";
    for (int i = 0; i * step_ <= value_max_ * (1 + 1e-9); ++i) {
      const double value = i * step_;
      grid(left, y(value), right, y(value));
      text(left - 8, y(value) + 4, "end", label(value));
    }
    const double seconds = tick_step(duration_, 10);
    for (int i = 0; i * seconds <= duration_ * (1 + 1e-9); ++i) {
      grid(x(i * seconds), top_, x(i * seconds), bottom_);
      if (time_axis) text(x(i * seconds), bottom_ + 18, "middle", label(i * seconds));
    }
    if (time_axis) text((left + right) / 2, bottom_ + 38, "middle", "time in seconds");
    out_ << "<text x=\"" << left << "\" y=\"" << top_ - 10 << "\" font-weight=\"bold\">" << escape(title)
         << "</text>\n<rect x=\"" << left << "\" y=\"" << top_ << "\" width=\"" << right - left << "\" height=\""
         << bottom_ - top_ << "\" fill=\"none\" stroke=\"#888888\"/>\n";
  }

  /// A flat piece for every interval.
  void steps(const Curve& curve) {
    begin(curve);
    for (const Interval& each : timeline_.intervals)
      out_ << ' ' << x(each.begin_s) << ',' << y(each.*curve.value) << ' ' << x(each.begin_s + timeline_.interval_s)
           << ',' << y(each.*curve.value);
    out_ << "\"/>\n";
  }

  /// A point in the middle of every interval in which something was answered.
  void line(const Curve& curve) {
    begin(curve);
    for (const Interval& each : timeline_.intervals)
      if (each.ok_per_s > 0) out_ << ' ' << x(each.begin_s + timeline_.interval_s / 2) << ',' << y(each.*curve.value);
    out_ << "\"/>\n";
  }

  void limit(double value, const std::string& name) {
    legend(name, red, true);
    if (value > value_max_) return;
    out_ << "<line x1=\"" << left << "\" y1=\"" << y(value) << "\" x2=\"" << right << "\" y2=\"" << y(value)
         << "\" stroke=\"" << red << "\" stroke-dasharray=\"2 4\"/>\n";
  }

 private:
  [[nodiscard]] double x(double seconds) const { return left + (right - left) * std::min(seconds / duration_, 1.0); }
  [[nodiscard]] double y(double value) const { return bottom_ - (bottom_ - top_) * std::min(value / value_max_, 1.0); }

  void begin(const Curve& curve) {
    legend(curve.name, curve.colour, curve.dashed);
    out_ << "<polyline fill=\"none\" stroke-width=\"1.8\" stroke=\"" << curve.colour << '"'
         << (curve.dashed ? " stroke-dasharray=\"5 3\"" : "") << " points=\"";
  }

  void legend(const std::string& name, const char* colour, bool dashed) {
    const double at = top_ + 10 + 20 * entries_++;
    out_ << "<line x1=\"" << right + 12 << "\" y1=\"" << at << "\" x2=\"" << right + 34 << "\" y2=\"" << at
         << "\" stroke-width=\"2.5\" stroke=\"" << colour << '"' << (dashed ? " stroke-dasharray=\"5 3\"" : "")
         << "/>\n";
    text(right + 40, at + 4, "start", name);
  }

  void grid(double x1, double y1, double x2, double y2) {
    out_ << "<line x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2 << "\" y2=\"" << y2
         << "\" stroke=\"#dddddd\"/>\n";
  }

  void text(double x, double y, const char* anchor, const std::string& what) {
    out_ << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\">" << escape(what)
         << "</text>\n";
  }

  std::ostream& out_;
  const Timeline& timeline_;
  const double top_, bottom_, step_;
  double value_max_ = 0;
  double duration_ = 0;
  int entries_ = 0;
};

double largest(const Timeline& timeline, std::initializer_list<double Interval::*> members) {
  double max = 0;
  for (const Interval& each : timeline.intervals)
    for (const auto member : members) max = std::max(max, each.*member);
  return max;
}

}  // namespace

std::string to_svg(const Timeline& timeline, const std::string& title, std::optional<std::chrono::milliseconds> slo) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1);
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << ' ' << height
      << "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"" << black << "\">\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      << "<text x=\"" << left << "\" y=\"28\" font-size=\"16\" font-weight=\"bold\">" << escape(title) << "</text>\n";

  Panel rates(out, timeline, 70, 300,
              largest(timeline, {&Interval::due_per_s, &Interval::ok_per_s, &Interval::failed_per_s}));
  rates.frame("throughput, requests per second", false);
  rates.steps({"due", black, &Interval::due_per_s, true});
  rates.steps({"answered", blue, &Interval::ok_per_s});
  rates.steps({"failed", red, &Interval::failed_per_s});

  Panel latencies(out, timeline, 345, 580, largest(timeline, {&Interval::p99_ms}));
  latencies.frame("latency from the scheduled time, milliseconds", true);
  latencies.line({"p99", orange, &Interval::p99_ms});
  latencies.line({"p90", green, &Interval::p90_ms});
  latencies.line({"p50", blue, &Interval::p50_ms});
  if (slo) latencies.limit(static_cast<double>(slo->count()), "limit");
  out << "</svg>\n";
  return std::move(out).str();
}

}  // namespace inpaintd::tools
