// SPDX-License-Identifier: Apache-2.0
// Fills the holes of a picture: inpaint_example IMAGE MASK RESULT [URL]
#include <inpaintd/client.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace {

std::string contents(const char* file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: inpaint_example IMAGE MASK RESULT [URL]\n";
    return 2;
  }
  inpaintd::ClientOptions options;
  if (argc > 4) options.connection.url = argv[4];
  const auto client = inpaintd::Client::connect(options);
  if (!client) {
    std::cerr << client.error().message << '\n';
    return 1;
  }
  const std::string image = contents(argv[1]);
  const std::string mask = contents(argv[2]);
  inpaintd::Request request;
  request.image = inpaintd::EncodedFile{inpaintd::as_bytes(image)};
  request.mask = inpaintd::EncodedFile{inpaintd::as_bytes(mask)};
  const auto picture = (*client)->inpaint(request);
  if (!picture) {
    std::cerr << picture.error().code() << ": " << picture.error().error.message << '\n';
    return 1;
  }
  const inpaintd::Bytes file = picture->done.image;
  std::ofstream(argv[3], std::ios::binary).write(reinterpret_cast<const char*>(file.data()), std::ssize(file));
  return 0;
}
