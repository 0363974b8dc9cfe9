#include "runtime/isolation/message.hpp"

#include <fmt/format.h>

#include <chrono>
#include <concepts>
#include <cstring>
#include <limits>
#include <map>
#include <type_traits>
#include <utility>

namespace vivace::runtime {
namespace {

template <typename T, typename Wanted>
concept Is = std::same_as<std::remove_const_t<T>, Wanted>;

// One list of members a type, which writer and reader share. The bindings fail to compile where a member is added.

void fields(auto& archive, Is<ProviderLibrary> auto& library) {
  auto& [name, path] = library;
  archive(name, path);
}
void fields(auto& archive, Is<PlacementOptions> auto& options) {
  auto& [backend, provider, precision, layout, libraries, provider_settings, session_settings, cache, strict] = options;
  archive(backend, provider, precision, layout, libraries, provider_settings, session_settings, cache, strict);
}
void fields(auto& archive, Is<SessionOptions> auto& options) {
  auto& [graph, placement, intra_op_threads, spin, goal, profile, optimized_graph, memory_pattern, arena_limit_bytes,
         inherits_scheduling] = options;
  archive(graph, placement, intra_op_threads, spin, goal, profile, optimized_graph, memory_pattern, arena_limit_bytes,
          inherits_scheduling);
}
void fields(auto& archive, Is<TensorInfo> auto& tensor) {
  auto& [name, element_type, shape, rows_name] = tensor;
  archive(name, element_type, shape, rows_name);
}
void fields(auto& archive, Is<RegionHandle> auto& region) {
  auto& [id, bytes] = region;
  archive(id, bytes);
}
void fields(auto& archive, Is<PlacedTensor> auto& tensor) {
  auto& [name, type, shape, offset, bytes] = tensor;
  archive(name, type, shape, offset, bytes);
}
void fields(auto& archive, Is<Load> auto& load) {
  auto& [version, folder, session, cores, memory_limit_bytes, nice] = load;
  archive(version, folder, session, cores, memory_limit_bytes, nice);
}
void fields(auto& archive, Is<RunRequest> auto& run) {
  auto& [id, form, shrinks, attached, forgotten, input_region, output_region, inputs, outputs] = run;
  archive(id, form, shrinks, attached, forgotten, input_region, output_region, inputs, outputs);
}
void fields(auto& archive, Is<Room> auto& room) {
  auto& [region, attached] = room;
  archive(region, attached);
}
void fields(auto& archive, Is<Loaded> auto& loaded) {
  auto& [inputs, outputs, placement] = loaded;
  archive(inputs, outputs, placement);
}
void fields(auto& archive, Is<Failed> auto& failed) {
  auto& [code, context, message] = failed;
  archive(code, context, message);
}
void fields(auto& archive, Is<BackendMemory> auto& memory) {
  auto& [allocations, bytes_in_use, most_bytes_in_use] = memory;
  archive(allocations, bytes_in_use, most_bytes_in_use);
}
void fields(auto& archive, Is<Done> auto& done) {
  auto& [id, outputs, memory] = done;
  archive(id, outputs, memory);
}
void fields(auto& archive, Is<NeedsRoom> auto& needs) {
  auto& [id, bytes] = needs;
  archive(id, bytes);
}

void fields(auto& archive, Is<ProviderNodes> auto& provider) {
  auto& [name, count, nodes] = provider;
  archive(name, count, nodes);
}
void fields(auto& archive, Is<NodeList> auto& list) {
  auto& [providers] = list;
  archive(providers);
}
void fields(auto&, Is<NodesRequest> auto&) {}

constexpr ElementType last_of(ElementType) { return ElementType::string; }
constexpr ErrorCode last_of(ErrorCode) { return ErrorCode::internal; }
constexpr TuneGoal last_of(TuneGoal) { return TuneGoal::latency; }
constexpr RunForm last_of(RunForm) { return RunForm::floats; }

/// Numbers take 8 bytes in the machine's order, texts and lists begin with their length.
class Writer {
 public:
  void operator()(const auto&... members) { (write(members), ...); }
  std::string take() { return std::move(bytes_); }

 private:
  template <typename T>
  requires std::integral<T> || std::is_enum_v<T>
  void write(T value) {
    const auto number = static_cast<std::uint64_t>(value);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void write(const std::string& text) {
    write(text.size());
    bytes_ += text;
  }
  void write(const std::filesystem::path& path) { write(path.native()); }
  void write(std::chrono::microseconds time) { write(time.count()); }
  template <typename T>
  void write(const std::vector<T>& list) {
    write(list.size());
    for (const T& item : list) write(item);
  }
  void write(const std::map<std::string, std::string>& settings) {
    write(settings.size());
    for (const auto& [key, value] : settings) (*this)(key, value);
  }
  template <typename T>
  requires std::is_class_v<T>
  void write(const T& structure) { fields(*this, structure); }

  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  void operator()(auto&... members) { (read(members), ...); }

  void require_end() const {
    if (!bytes_.empty()) fail("bytes after its end");
  }

  [[noreturn]] static void fail(const char* problem) {
    throw Error(ErrorCode::corrupt_data, "message between processes", problem);
  }

 private:
  template <std::integral T>
  void read(T& value) {
    const std::string_view taken = take(sizeof(std::uint64_t));
    std::uint64_t number = 0;
    std::memcpy(&number, taken.data(), sizeof number);
    value = static_cast<T>(number);
    if (static_cast<std::uint64_t>(value) != number) fail("a number that is out of range");
  }
  template <typename T>
  requires std::is_enum_v<T>
  void read(T& value) {
    std::uint64_t number = 0;
    read(number);
    if (number > static_cast<std::uint64_t>(last_of(T{}))) fail("a kind that is not known");
    value = static_cast<T>(number);
  }
  void read(std::string& text) { text = take(length()); }
  void read(std::chrono::microseconds& time) {
    std::chrono::microseconds::rep count = 0;
    read(count);
    time = std::chrono::microseconds(count);
  }
  void read(std::filesystem::path& path) { path = std::string(take(length())); }
  template <typename T>
  void read(std::vector<T>& list) {
    for (std::uint64_t left = length(); left > 0; --left) read(list.emplace_back());
  }
  void read(std::map<std::string, std::string>& settings) {
    for (std::uint64_t left = length(); left > 0; --left) {
      std::string key;
      read(key);
      read(settings[std::move(key)]);
    }
  }
  template <typename T>
  requires std::is_class_v<T>
  void read(T& structure) { fields(*this, structure); }

  std::uint64_t length() {
    std::uint64_t count = 0;
    read(count);
    if (count > bytes_.size()) fail("a length beyond its end");
    return count;
  }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size()) fail("it ends early");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::string_view bytes_;
};

template <typename Message>
std::string encode_any(const Message& message) {
  Writer writer;
  writer(message.index());
  std::visit([&](const auto& content) { writer(content); }, message);
  std::string bytes = writer.take();
  if (bytes.size() <= kLargestMessage) return bytes;
  throw Error(ErrorCode::unsupported, "isolation",
              fmt::format("the names and shapes of the tensors take {} bytes, {} is the most; use fewer tensors or "
                          "shorter names, or run the model in this process",
                          bytes.size(), kLargestMessage));
}

template <typename Message, std::size_t kind = 0>
Message decode_content(std::uint64_t wanted, Reader& reader) {
  if constexpr (kind == std::variant_size_v<Message>) {
    Reader::fail("a kind that is not known");
  } else {
    if (wanted != kind) return decode_content<Message, kind + 1>(wanted, reader);
    std::variant_alternative_t<kind, Message> content;
    reader(content);
    reader.require_end();
    return content;
  }
}

template <typename Message>
Message decode_any(std::string_view bytes) {
  Reader reader(bytes);
  std::uint64_t kind = 0;
  reader(kind);
  return decode_content<Message>(kind, reader);
}

}  // namespace

std::string encode(const ToWorker& message) { return encode_any(message); }
std::string encode(const FromWorker& message) { return encode_any(message); }

ToWorker decode_to_worker(std::string_view bytes) { return decode_any<ToWorker>(bytes); }
FromWorker decode_from_worker(std::string_view bytes) { return decode_any<FromWorker>(bytes); }

}  // namespace vivace::runtime
