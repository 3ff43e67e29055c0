// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/time.h"
#include "tools/inpaint/pairs.h"
#include "tools/shared/command_line.h"
#include "tools/shared/files.h"
#include "tools/shared/progress.h"

namespace inpaintd::tools {
namespace {

namespace fs = std::filesystem;

/// The state that the worker threads share: the next picture, and the counts of results.
class FolderRun {
 public:
  FolderRun(std::vector<Pair> pairs, std::size_t without_mask) : pairs_(std::move(pairs)) {
    tally_.total = pairs_.size() + without_mask;
    tally_.without_mask = without_mask;
  }

  /// The next picture to fill; null when no picture is left, or when the run has ended.
  const Pair* take() {
    std::lock_guard lock(mutex_);
    std::error_code ignored;
    for (; exit_code_ <= exit_failed && next_ < pairs_.size(); ++tally_.skipped) {
      const Pair& pair = pairs_[next_++];
      if (!fs::exists(pair.output, ignored)) return &pair;
    }
    return nullptr;
  }

  void done() {
    std::lock_guard lock(mutex_);
    ++tally_.done;
    show_bar();
  }

  void failed(const Pair& pair, const PaintFailure& failure) {
    std::lock_guard lock(mutex_);
    // The failure that ends the run is printed once; the other pictures in flight count as not tried.
    if (exit_code_ > exit_failed) return;
    exit_code_ = failure.exit_code;
    if (failure.exit_code == exit_failed) ++tally_.failed;
    clear_bar();
    std::cerr << pair.image.string() << ": " << failure.message << '\n';
    show_bar();
  }

  /// Prints the state of the request of a picture.
  void print_progress(const Pair& pair, std::string_view line) {
    std::lock_guard lock(mutex_);
    clear_bar();
    std::cerr << pair.image.filename().string() << ": " << line << '\n';
    show_bar();
  }

  int finish() {
    clear_bar();
    std::cerr << summary(tally_, elapsed()) << '\n';
    return exit_code_ == exit_ok && tally_.without_mask > 0 ? exit_failed : exit_code_;
  }

 private:
  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
  }
  void clear_bar() const {
    if (terminal_) std::cerr << "\r\033[K";
  }
  void show_bar() const {
    if (terminal_) std::cerr << "\r\033[K" << progress_bar(tally_, elapsed()) << std::flush;
  }

  const std::vector<Pair> pairs_;
  const TimePoint start_ = Clock::now();
  const bool terminal_ = ::isatty(STDERR_FILENO) == 1;

  std::mutex mutex_;
  std::size_t next_ = 0;
  Tally tally_;
  int exit_code_ = exit_ok;
};

void work(FolderRun& run, Painter& painter, const InpaintOptions& options) {
  while (const Pair* pair = run.take()) {
    const auto image = read_file(pair->image);
    const auto mask = read_file(pair->mask);
    if (!image || !mask) {
      run.failed(*pair, {image ? mask.error().message : image.error().message});
      continue;
    }
    Painter::Progress progress;
    if (options.progress) progress = [&run, pair](std::string_view line) { run.print_progress(*pair, line); };
    const Painted painted = painter.paint(as_bytes(*image), as_bytes(*mask), options.request, progress);
    if (!painted) {
      run.failed(*pair, painted.error());
      continue;
    }
    if (Status written = write_file(pair->output, *painted); !written)
      run.failed(*pair, {written.error().message});
    else
      run.done();
  }
}

Result<Pairing> find_pairs(const InpaintOptions& options) {
  const auto images = list_pictures(options.images);
  if (!images) return images.error();
  if (!fs::is_directory(options.masks))
    return pair_up(*images, {}, options.masks, options.output, options.request.format);
  const auto masks = list_pictures(options.masks);
  if (!masks) return masks.error();
  return pair_up(*images, *masks, std::nullopt, options.output, options.request.format);
}

}  // namespace

int paint_folder(Painter& painter, const InpaintOptions& options) {
  auto pairing = find_pairs(options);
  if (!pairing) return complain(pairing.error().message, exit_usage);
  for (const fs::path& image : pairing->without_mask)
    std::cerr << image.string() << ": skipped, because it has no mask\n";
  std::error_code failure;
  fs::create_directories(options.output, failure);
  if (failure)
    return complain(fmt::format("the folder {} cannot be created: {}", options.output.string(), failure.message()));

  FolderRun run(std::move(pairing->pairs), pairing->without_mask.size());
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < (options.local ? 1 : options.concurrency); ++i)
      workers.emplace_back([&] { work(run, painter, options); });
  }
  return run.finish();
}

}  // namespace inpaintd::tools
