package kawi.constraint;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves references inside one document: to JSON pointers, to names that {@code $anchor} gives, and to schemas that
 * have an {@code $id}. A reference to another document is rejected.
 *
 * <p>Identifiers count only where schemas stand: what is under {@code enum} or {@code default} is data.
 */
final class SchemaReferences {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaReferences.class);

    private static final int MAX_CHAIN = 64;
    private static final int MAX_KEYWORD = 24;
    private static final int MAX_WARNINGS = 5;

    /** The identifier of a document that has none. */
    private static final String ANONYMOUS = "document:///schema.json";

    private static final Set<String> ONE = Set.of(
            "additionalProperties",
            "items",
            "additionalItems",
            "contains",
            "propertyNames",
            "not",
            "if",
            "then",
            "else",
            "unevaluatedProperties",
            "unevaluatedItems",
            "contentSchema");
    private static final Set<String> LISTS = Set.of("allOf", "anyOf", "oneOf", "prefixItems", "items");
    private static final Set<String> MAPS =
            Set.of("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies");

    private final boolean referencesStandAlone;
    private final boolean isDraftKnown;
    private int warnings;

    /** The identifiers that relative references in a schema refer to. */
    private final IdentityHashMap<JsonValue, String> bases = new IdentityHashMap<>();

    /**
     * The identifiers around schemas with another one, if it is unknown which of them references beside it refer to.
     */
    private final IdentityHashMap<JsonValue, String> outerBases = new IdentityHashMap<>();

    private final Map<String, Schema> resources = new HashMap<>();
    private final Map<String, Schema> anchors = new HashMap<>();
    private final Map<String, Integer> dynamicAnchors = new HashMap<>();

    SchemaReferences(JsonValue document) {
        String dialect = document.path("$schema").asString();
        referencesStandAlone = dialect.matches("https?://json-schema\\.org/draft-0[3-7]/schema#?");
        isDraftKnown = !dialect.isEmpty();
        var root = new Schema(document, "");
        resources.put(ANONYMOUS, root);
        visit(root, ANONYMOUS);
    }

    /** Whether the keywords beside a reference are ignored, as before draft 2019-09. */
    boolean standAlone() {
        return referencesStandAlone;
    }

    private record Place(Schema schema, String base) {}

    private void visit(Schema start, String startBase) {
        var budget = Budget.current();
        var pending = new ArrayDeque<Place>();
        pending.push(new Place(start, startBase));
        while (!pending.isEmpty()) {
            Place place = pending.pop();
            Schema schema = place.schema;
            budget.spend(10 + schema.node().size());
            if (!schema.node().isObject()) {
                continue;
            }
            String base = identify(schema, place.base);
            bases.put(schema.node(), base);
            if (!isDraftKnown && !base.equals(place.base)) {
                outerBases.put(schema.node(), place.base);
            }
            for (String keyword : schema.node().propertyNames()) {
                warn(schema, keyword);
                Schema value = schema.at(keyword);
                if (ONE.contains(keyword) && value.node().isObject()) {
                    pending.push(new Place(value, base));
                }
                if (LISTS.contains(keyword) && value.node().isArray()) {
                    for (int i = 0; i < value.node().size(); i++) {
                        pending.push(new Place(value.at(i), base));
                    }
                }
                if (MAPS.contains(keyword) && value.node().isObject()) {
                    for (String name : value.node().propertyNames()) {
                        pending.push(new Place(value.at(name), base));
                    }
                }
            }
        }
    }

    private void warn(Schema schema, String keyword) {
        Budget.current().spend(keyword.length() <= MAX_KEYWORD ? 10 : 0);
        String meant = keyword.length() > MAX_KEYWORD || warnings == MAX_WARNINGS ? null : Misspelling.of(keyword);
        if (meant != null) {
            warnings++;
            LOG.warn(
                    "JSON Schema, {}: the keyword {} is unknown and has no effect; {} may be meant",
                    schema.where(),
                    keyword,
                    meant);
        }
    }

    /** Registers the names of {@code schema}, and returns the identifier that references in it refer to. */
    private String identify(Schema schema, String outer) {
        String base = outer;
        if (schema.node().path("$id").isString() && !(referencesStandAlone && schema.has("$ref"))) {
            String id = schema.node().path("$id").stringValue();
            if (id.startsWith("#")) {
                anchors.putIfAbsent(outer + id, schema);
            } else {
                String resolved = resolved(outer, id.endsWith("#") ? id.substring(0, id.length() - 1) : id);
                base = resolved == null ? outer : resolved;
                resources.putIfAbsent(base, schema);
            }
        }
        for (String keyword : new String[] {"$anchor", "$dynamicAnchor"}) {
            if (schema.node().path(keyword).isString()) {
                String name = schema.node().path(keyword).stringValue();
                anchors.putIfAbsent(base + "#" + name, schema);
                if (keyword.equals("$dynamicAnchor")) {
                    dynamicAnchors.merge(name, 1, Integer::sum);
                }
            }
        }
        return base;
    }

    private static @Nullable String resolved(String base, String reference) {
        try {
            return URI.create(base).resolve(URI.create(reference)).toString();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The identifier that relative references in a schema refer to. */
    String base(JsonValue schema) {
        return bases.getOrDefault(schema, ANONYMOUS);
    }

    /** The target of the reference in {@code schema}. */
    Schema target(Schema schema) {
        return target(schema, "$ref");
    }

    /** The target of the reference that is the value of {@code keyword}. */
    Schema target(Schema schema, String keyword) {
        String reference = String.valueOf(schema.string(keyword));
        if (keyword.equals("$dynamicRef")) {
            int names = dynamicAnchors.getOrDefault(reference.substring(reference.indexOf('#') + 1), 0);
            if (names > 1) {
                throw schema.refused("the target of a $dynamicRef is supported only if its name stands in one place");
            }
        }
        int hash = reference.indexOf('#');
        String place = hash < 0 ? reference : reference.substring(0, hash);
        String base = base(schema.node());
        String absolute = place.isEmpty() ? base : resolved(base, place);
        Schema resource = absolute == null ? null : resources.get(absolute);
        String outer = outerBases.get(schema.node());
        if (outer != null && resource != null && !place.isEmpty()) {
            String before = resolved(outer, place);
            if (before != null && !before.equals(absolute)) {
                throw schema.refused(
                        "the $id beside this $ref counts since draft 2019-09 only; $schema must name the" + " draft");
            }
        }
        if (absolute == null || resource == null) {
            throw schema.refused("only references within the document, such as #/$defs/name, are supported, not "
                    + GrammarException.quote(reference));
        }
        String fragment = decoded(hash < 0 ? "" : reference.substring(hash + 1), schema);
        if (fragment.isEmpty()) {
            return resource;
        }
        if (fragment.startsWith("/")) {
            return pointed(resource, fragment, absolute, schema, reference);
        }
        Schema named = anchors.get(absolute + "#" + fragment);
        if (named == null) {
            throw schema.refused("there is no " + GrammarException.quote(reference));
        }
        return named;
    }

    private Schema pointed(Schema resource, String pointer, String base, Schema schema, String reference) {
        Schema target = resource;
        var budget = Budget.current();
        for (String step : pointer.substring(1).split("/", -1)) {
            budget.spend(10 + step.length() / 16);
            String key = step.replace("~1", "/").replace("~0", "~");
            if (target.node().isArray()
                    && key.matches("[0-9]{1,6}")
                    && Integer.parseInt(key) < target.node().size()) {
                target = target.at(Integer.parseInt(key));
            } else if (target.node().isObject() && target.has(key)) {
                target = target.at(key);
            } else {
                throw schema.refused("there is no " + GrammarException.quote(reference));
            }
        }
        if (target.node().isObject() && !bases.containsKey(target.node())) {
            visit(target, base);
        }
        return target;
    }

    private static String decoded(String fragment, Schema schema) {
        try {
            return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw schema.refused("this reference is not well-formed: " + e.getMessage());
        }
    }

    /** Follows references to the end of the chain. */
    Schema resolved(Schema schema) {
        Schema at = schema;
        for (int i = 0; at.node().isObject() && at.has("$ref"); i++) {
            if (i == MAX_CHAIN) {
                throw schema.refused("this refers to itself, or through more than " + MAX_CHAIN + " others");
            }
            at = target(at);
        }
        return at;
    }
}
