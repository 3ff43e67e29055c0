// SPDX-License-Identifier: Apache-2.0
#include <caffe2/serialize/inline_container.h>

#include "models/files/torch_archive.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pickles.h"
#include "tests/fuzz/tensors.h"

/// Zip archives of PyTorch: read_torch_archive, which reads the pickle inside, and is_torchscript.
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
  std::vector<std::string> files;
  for (const std::string& pickle : pickles()) files.push_back(archive(pickle));
  return files;
}

void run(Bytes input) {
  const std::string path = file_with(text_of(input));
  (void)is_torchscript(path);
  const auto tensors = read_torch_archive(path, [](const std::string&) { return true; });
  if (!tensors) return require(!tensors.error().empty(), "a refused file is refused in words");
  check_tensors(*tensors);
}

}  // namespace inpaintd::fuzz
