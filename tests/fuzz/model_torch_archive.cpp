// SPDX-License-Identifier: Apache-2.0
#include <c10/util/Logging.h>
#include <caffe2/serialize/inline_container.h>

#include <string>

#include "models/files/torch_archive.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pickles.h"
#include "tests/fuzz/tensors.h"

/// Zip archives of PyTorch: read_torch_archive, which reads the pickle inside, and is_torchscript. An input is an
/// archive, or else a pickle that is put into one.
namespace inpaintd::fuzz {
namespace {

std::string archive(const std::string& pickle) {
  std::string bytes;
  caffe2::serialize::PyTorchStreamWriter writer([&](const void* data, std::size_t size) {
    bytes.append(static_cast<const char*>(data), size);
    return size;
  });
  const std::string storage(32, '\x3f');
  writer.writeRecord("data.pkl", pickle.data(), pickle.size());
  writer.writeRecord("data/0", storage.data(), storage.size());
  writer.writeEndOfFile();
  return bytes;
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> files = pickles();
  for (const std::string& pickle : pickles()) files.push_back(archive(pickle));
  return files;
}

void run(Bytes input) {
  // The stack traces of LibTorch's exceptions take ten times as long as all else here.
  static const bool without_traces = (c10::SetStackTraceFetcher([] { return std::string(); }), true);
  (void)without_traces;
  const std::string_view text = text_of(input);
  const std::string path = text.starts_with("PK") ? file_with(text) : file_with(archive(std::string(text)));
  (void)is_torchscript(path);
  const auto tensors = read_torch_archive(path, [](const std::string&) { return true; });
  if (!tensors) return require(!tensors.error().empty(), "a refused file is refused in words");
  check_tensors(*tensors);
}

}  // namespace inpaintd::fuzz

/// LibTorch's reader leaks a few hundred bytes when its constructor refuses an archive: no destructor runs then. Each
/// leak check would take a second, as it searches all of LibTorch's memory.
extern "C" int __lsan_is_turned_off() { return 1; }
