package kawi.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kawi.json.JsonException;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;

/** Checks that a snapshot in the cache has all shards; a download may have ended between two of them. */
final class Shards {

    private static final long MAX_INDEX_BYTES = 64L << 20;

    private Shards() {}

    static boolean areComplete(Path snapshot, List<String> names) throws IOException {
        Path index = snapshot.resolve(ModelSelection.INDEX);
        if (names.contains(ModelSelection.SINGLE)) {
            return true;
        }
        if (Files.size(index) > MAX_INDEX_BYTES) {
            return false;
        }
        try {
            for (JsonValue shard : JsonSyntax.STRICT
                    .parse(Files.readAllBytes(index))
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
