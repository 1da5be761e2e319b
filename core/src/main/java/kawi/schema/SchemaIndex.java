package kawi.schema;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Where the schemas of a document stand, and what its references lead to. A document consists of resources: itself and
 * every schema with an {@code $id}, which is the base of the references within it. A reference names a resource of the
 * document and an anchor or a JSON pointer in it. Schemas are told apart by identity, as equal ones may stand in
 * different resources.
 *
 * <p>Draft 7 and older ignore what stands beside {@code $ref}, later ones do not. A document that does not say with
 * {@code $schema} which draft it follows is an old one if it uses keywords that later drafts have replaced, such as
 * {@code definitions}, and none that they have introduced.
 */
final class SchemaIndex {

    private static final Set<String> HOSTS = Set.of("json-schema.org", "www.json-schema.org", "spec.openapis.org");

    /** A schema with an identifier of its own, or the document. */
    static final class Resource {

        private final UriReference uri;
        private final JsonValue root;
        private final Map<String, JsonValue> anchors = new HashMap<>();
        private final Set<String> dynamicAnchors = new HashSet<>();

        private Resource(UriReference uri, JsonValue root) {
            this.uri = uri;
            this.root = root;
        }

        /** The schema that may take the place of others with the same dynamic anchor, or null. */
        @Nullable JsonValue dynamic(String anchor) {
            return dynamicAnchors.contains(anchor) ? anchors.get(anchor) : null;
        }
    }

    /**
     * What {@code $dynamicRef} or {@code $recursiveRef} leads to.
     *
     * @param anchor the name of the dynamic anchor to look for, or null if the target is final
     */
    record DynamicTarget(JsonValue initial, @Nullable String anchor) {}

    /**
     * Where a schema stands.
     *
     * @param old whether it follows draft 7 or an older one
     */
    private record Standing(Resource resource, boolean old) {}

    /** The name of the anchor that {@code $recursiveAnchor} sets; no other one has a space. */
    private static final String RECURSIVE = "$recursiveAnchor of the root";

    private final Standing document;
    private final IdentityHashMap<JsonValue, Standing> standings = new IdentityHashMap<>();
    private final List<JsonValue> schemas = new ArrayList<>();
    private final Map<UriReference, Resource> byUri = new HashMap<>();
    private final IdentityHashMap<JsonValue, JsonValue> targets = new IdentityHashMap<>();
    private final IdentityHashMap<JsonValue, DynamicTarget> dynamicTargets = new IdentityHashMap<>();
    private final Deque<JsonValue> referring = new ArrayDeque<>();
    private final boolean dynamic;

    /**
     * The index of a document.
     *
     * @throws IllegalArgumentException if a reference leads to no schema of the document, or the document follows a
     *     draft that is not known
     */
    SchemaIndex(JsonValue root) {
        document = new Standing(new Resource(UriReference.of(""), root), isOld(root));
        byUri.put(document.resource.uri, document.resource);
        enter(root, document);
        while (!referring.isEmpty()) {
            resolve(referring.remove());
        }
        dynamic = dynamicTargets.values().stream().anyMatch(target -> target.anchor != null);
    }

    private static boolean isOld(JsonValue document) {
        boolean old = false;
        var pending = new ArrayDeque<JsonValue>(List.of(document));
        while (!pending.isEmpty()) {
            var schema = pending.remove();
            if (SchemaKeywords.hasNew(schema)) {
                return false;
            }
            old |= SchemaKeywords.hasOld(schema);
            pending.addAll(SchemaKeywords.parts(schema));
        }
        return old;
    }

    private void enter(JsonValue schema, Standing outer) {
        if (!schema.isObject() || standings.containsKey(schema)) {
            return;
        }
        var standing = standing(schema, outer);
        var resource = standing.resource;
        standings.put(schema, standing);
        schemas.add(schema);
        var anchor = schema.path("$anchor").asString();
        if (!anchor.isEmpty()) {
            resource.anchors.putIfAbsent(anchor, schema);
        }
        var dynamic = schema.path("$dynamicAnchor").asString();
        if (!dynamic.isEmpty()) {
            resource.anchors.putIfAbsent(dynamic, schema);
            resource.dynamicAnchors.add(dynamic);
        }
        if (Json.same(schema, resource.root) && isRecursive(schema)) {
            resource.anchors.put(RECURSIVE, schema);
            resource.dynamicAnchors.add(RECURSIVE);
        }
        if (schema.path("$ref").isString()
                || schema.path("$dynamicRef").isString()
                || schema.path("$recursiveRef").isString()) {
            referring.add(schema);
        }
        SchemaKeywords.parts(schema).forEach(part -> enter(part, standing));
    }

    private Standing standing(JsonValue schema, Standing outer) {
        boolean old = outer.old;
        boolean named = false; // as in draft 4 and before, where the identifier is called id
        if (schema.path("$schema").isString()) {
            var dialect = UriReference.of(schema.path("$schema").stringValue());
            requireKnown(dialect);
            named = dialect.path().matches("/draft-0[34]/.*");
            old = dialect.path().matches("/draft-0[3-7]/.*");
        }
        var identifier = schema.path(named ? "id" : "$id");
        if (!identifier.isString() || (old && schema.path("$ref").isString())) {
            return new Standing(outer.resource, old);
        }
        var uri = UriReference.of(identifier.stringValue());
        var resource = outer.resource;
        if (!uri.document().toString().isEmpty()) {
            resource = new Resource(uri.in(resource.uri).document(), schema);
            byUri.putIfAbsent(resource.uri, resource);
        }
        var fragment = uri.fragment();
        if (fragment != null && !fragment.isEmpty()) {
            resource.anchors.putIfAbsent(fragment, schema);
        }
        return new Standing(resource, old);
    }

    private static boolean isRecursive(JsonValue schema) {
        return schema.path("$recursiveAnchor").asString().equals("true");
    }

    private static void requireKnown(UriReference dialect) {
        var host = dialect.authority();
        if (host != null && !HOSTS.contains(host)) {
            throw new IllegalArgumentException(
                    "the schema follows %s, which is not known; known are the drafts of json-schema.org"
                            .formatted(dialect));
        }
    }

    // ---- references

    private void resolve(JsonValue schema) {
        var reference = schema.path("$ref");
        if (reference.isString()) {
            targets.put(schema, target(schema, reference.stringValue()));
        }
        var dynamic = schema.path("$dynamicRef");
        if (dynamic.isString()) {
            var text = dynamic.stringValue();
            var initial = target(schema, text);
            var anchor = initial.path("$dynamicAnchor").asString();
            boolean bound =
                    !anchor.isEmpty() && Objects.equals(UriReference.of(text).fragment(), anchor);
            dynamicTargets.put(schema, new DynamicTarget(initial, bound ? anchor : null));
        }
        var recursive = schema.path("$recursiveRef");
        if (recursive.isString()) {
            var initial = target(schema, recursive.stringValue());
            boolean bound = isRecursive(initial);
            dynamicTargets.put(schema, new DynamicTarget(initial, bound ? RECURSIVE : null));
        }
    }

    private JsonValue target(JsonValue schema, String reference) {
        var uri = UriReference.of(reference).in(of(schema).uri);
        var resource = byUri.get(uri.document());
        if (resource == null) {
            throw new IllegalArgumentException(
                    "the reference \"%s\" leads out of the schema, which is not supported".formatted(reference));
        }
        var fragment = decoded(Objects.requireNonNullElse(uri.fragment(), ""));
        var target = fragment.isEmpty()
                ? resource.root
                : fragment.startsWith("/") ? at(resource, fragment) : resource.anchors.get(fragment);
        if (target == null || !SchemaKeywords.isSchema(target)) {
            throw new IllegalArgumentException("the reference \"%s\" leads to no schema".formatted(reference));
        }
        return target;
    }

    private static String decoded(String fragment) {
        try {
            return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return fragment;
        }
    }

    /** The schema that a JSON pointer leads to; it may be one that stands where no keyword of the standard has one. */
    private JsonValue at(Resource resource, String pointer) {
        var within = standing(resource.root);
        var target = resource.root;
        for (var step : pointer.substring(1).split("/", -1)) {
            target = target.at("/" + step);
            within = standings.getOrDefault(target, within);
        }
        enter(target, within);
        return target;
    }

    private Standing standing(JsonValue schema) {
        return standings.getOrDefault(schema, document);
    }

    // ---- what is known afterwards

    /** All schemas of the document that are objects, in the order of the document. */
    List<JsonValue> schemas() {
        return Collections.unmodifiableList(schemas);
    }

    /** The resource that a schema belongs to. */
    Resource of(JsonValue schema) {
        return standing(schema).resource;
    }

    /** What {@code $ref} of the schema leads to, or null if it has none. */
    @Nullable JsonValue target(JsonValue schema) {
        return targets.get(schema);
    }

    /** What {@code $dynamicRef} or {@code $recursiveRef} of the schema leads to, or null if it has neither. */
    @Nullable DynamicTarget dynamicTarget(JsonValue schema) {
        return dynamicTargets.get(schema);
    }

    /** Whether what stands beside {@code $ref} is ignored. */
    boolean ignoresSiblings(JsonValue schema) {
        return standing(schema).old && targets.containsKey(schema);
    }

    /** What {@code $ref} leads to if nothing beside it has to be checked, or null. */
    @Nullable JsonValue alias(JsonValue schema) {
        var target = targets.get(schema);
        return target != null && (standing(schema).old || SchemaKeywords.isAlias(schema)) ? target : null;
    }

    /** Whether a reference may lead to different schemas, depending on how it has been reached. */
    boolean isDynamic() {
        return dynamic;
    }

    /** The schemas that apply to the same value as {@code schema}: parts, and what references lead to. */
    List<JsonValue> inPlace(JsonValue schema) {
        var parts = new ArrayList<JsonValue>();
        var target = targets.get(schema);
        if (target != null) {
            parts.add(target);
        }
        var dynamic = dynamicTargets.get(schema);
        if (dynamic != null) {
            parts.add(dynamic.initial);
        }
        if (schema instanceof JsonObject && !ignoresSiblings(schema)) {
            parts.addAll(SchemaKeywords.partsInPlace(schema));
        }
        return parts;
    }
}
