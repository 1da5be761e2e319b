package kawi.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import kawi.files.SmallFile;
import kawi.json.JsonException;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;

/** Checks that a snapshot in the cache has all shards; a download may have ended between two of them. */
final class Shards {

    private static final int MAX_INDEX_BYTES = 64 << 20;

    private Shards() {}

    static boolean areComplete(Path snapshot, List<String> names) throws IOException {
        Optional<String> index = names.stream()
                .filter(name -> name.indexOf('/') < 0 && name.endsWith(ModelSelection.INDEX_EXTENSION))
                .min(Comparator.comparing(name -> !name.startsWith("model.")));
        if (names.contains(ModelSelection.SINGLE) || index.isEmpty()) {
            return true;
        }
        try {
            for (JsonValue shard : JsonSyntax.STRICT
                    .parse(SmallFile.read(snapshot.resolve(index.get()), MAX_INDEX_BYTES))
                    .path("weight_map")
                    .values()) {
                if (!names.contains(shard.asString(""))) {
                    return false;
                }
            }
            return true;
        } catch (JsonException e) {
            return false;
        }
    }
}
