package kawi.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kawi.files.SmallFile;
import kawi.json.JsonException;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;

/** Checks that a snapshot in the cache has all shards; a download may have ended between two of them. */
final class Shards {

    private static final int MAX_INDEX_BYTES = 64 << 20;

    private Shards() {}

    static boolean areComplete(Path snapshot, List<String> names) throws IOException {
        Path index = snapshot.resolve(ModelSelection.INDEX);
        if (names.contains(ModelSelection.SINGLE)) {
            return true;
        }
        try {
            for (JsonValue shard : JsonSyntax.STRICT
                    .parse(SmallFile.read(index, MAX_INDEX_BYTES))
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
