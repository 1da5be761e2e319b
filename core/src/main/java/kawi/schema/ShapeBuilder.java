package kawi.schema;

import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedCollection;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import kawi.Description;
import kawi.Name;
import kawi.regex.Regex;
import kawi.regex.RegexException;
import org.jspecify.annotations.Nullable;

/** Builds the shape of a Java type. Each record and sealed type is built once, so a recursive type becomes a cycle. */
final class ShapeBuilder {

    private static final Set<Class<?>> LISTS =
            Set.of(List.class, Collection.class, SequencedCollection.class, Iterable.class);
    private static final Set<Class<?>> SETS = Set.of(Set.class, SequencedSet.class);
    private static final Set<Class<?>> MAPS = Set.of(Map.class, SequencedMap.class);
    private static final Set<Class<?>> NUMBERS = Set.of(
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            BigInteger.class,
            Float.class,
            Double.class,
            BigDecimal.class);

    private final Map<JavaType, Shape.Named> known = new LinkedHashMap<>();

    /** The shape of a root type. */
    static Shape of(Type type, @Nullable AnnotatedType annotated) {
        var builder = new ShapeBuilder();
        var where = type instanceof Class<?> raw ? raw.getTypeName() : type.getTypeName();
        var resolved = JavaType.of(type, annotated, Map.of(), where);
        var shape = builder.shape(resolved, resolved.raw().isArray() ? "the array" : simpleName(resolved));
        builder.requireEnd();
        return shape;
    }

    /** A property from a declaration: a record component or a method parameter. */
    record Declared(String name, Type type, AnnotatedType annotated, AnnotatedElement declaration) {}

    /** The shape of an object with the given properties. */
    static ObjectShape object(String name, List<Declared> properties, ObjectShape.Maker maker) {
        var builder = new ShapeBuilder();
        var shape = new ObjectShape(name, null, maker);
        shape.components(builder.components(properties, Map.of(), name));
        builder.requireEnd();
        return shape;
    }

    private Shape shape(JavaType type, String where) {
        var shape = plain(type, where);
        return type.nullable() && !(shape instanceof OptionalShape)
                ? new OptionalShape(shape, OptionalShape.Form.NULLABLE)
                : shape;
    }

    private Shape plain(JavaType type, String where) {
        var raw = boxed(type.raw());
        var limits = type.limits();
        if (raw == Optional.class) {
            var argument = type.arguments().getFirst();
            var value = plain(argument.with(false, limits.or(argument.limits())), where);
            return new OptionalShape(value, OptionalShape.Form.OPTIONAL);
        } else if (raw == OptionalInt.class) {
            return new OptionalShape(number(Integer.class, limits, where), OptionalShape.Form.INT);
        } else if (raw == OptionalLong.class) {
            return new OptionalShape(number(Long.class, limits, where), OptionalShape.Form.LONG);
        } else if (raw == OptionalDouble.class) {
            return new OptionalShape(number(Double.class, limits, where), OptionalShape.Form.DOUBLE);
        } else if (NUMBERS.contains(raw)) {
            return number(raw, limits, where);
        }

        boolean text = raw == String.class || raw == CharSequence.class;
        boolean list = raw.isArray() || LISTS.contains(raw) || SETS.contains(raw);
        boolean map = MAPS.contains(raw);
        var beyond = limits.beyond(false, text || list || map, text);
        if (beyond != null) {
            throw UnsupportedType.refusal(where, type.toString(), beyond);
        }
        var kind = TextShape.KINDS.get(raw);
        if (kind != null) {
            return text(kind, limits, where, type);
        } else if (raw == Boolean.class) {
            return new BooleanShape();
        } else if (raw == Object.class) {
            return new AnyShape();
        } else if (raw.isEnum()) {
            return EnumShape.of(raw, where);
        } else if (list) {
            var made = raw.isArray() ? raw : SETS.contains(raw) ? Set.class : List.class;
            requireSize(limits, where, type);
            return new ListShape(made, shape(type.arguments().getFirst(), where + "[]"), limits.size());
        } else if (map) {
            return map(type, where);
        } else if (raw.isRecord()) {
            return record(type, where);
        } else if (raw.isSealed()) {
            return union(type, where);
        }
        throw UnsupportedType.refusal(
                where,
                type.toString(),
                "it has no JSON form here; use a record, an enum, a sealed interface of records, a string, number,"
                        + " boolean, list, set, array or map");
    }

    private static Class<?> boxed(Class<?> type) {
        return MethodType.methodType(type).wrap().returnType();
    }

    private static NumberShape number(Class<?> type, Limits limits, String where) {
        var shape = new NumberShape(type, limits.range());
        var beyond = limits.beyond(true, false, false);
        if (beyond != null) {
            throw UnsupportedType.refusal(where, type.getSimpleName(), beyond);
        }
        if (!shape.possible()) {
            throw UnsupportedType.refusal(where, type.getSimpleName(), "no number is within " + limits.range());
        }
        return shape;
    }

    private static TextShape text(TextShape.Kind kind, Limits limits, String where, JavaType type) {
        requireSize(limits, where, type);
        var matches = limits.matches();
        if (matches != null) {
            try {
                var _ = Regex.parse(matches.value(), Patterns.limit()::spend);
            } catch (RegexException e) {
                throw UnsupportedType.refusal(where, type.toString(), e.getMessage());
            }
        }
        return new TextShape(kind, limits);
    }

    private static void requireSize(Limits limits, String where, JavaType type) {
        var size = limits.size();
        if (size != null && (size.min() < 0 || size.min() > size.max())) {
            throw UnsupportedType.refusal(
                    where, type.toString(), "no size is from %d to %d".formatted(size.min(), size.max()));
        }
    }

    private MapShape map(JavaType type, String where) {
        var key = type.arguments().get(0).raw();
        var value = shape(type.arguments().get(1), where + "{}");
        var size = type.limits().size();
        requireSize(type.limits(), where, type);
        if (key == String.class) {
            return new MapShape(null, value, size);
        } else if (key.isEnum()) {
            var keys = EnumShape.of(key, where);
            int constants = keys.constants().size();
            if (size != null && size.min() > constants) {
                throw UnsupportedType.refusal(
                        where,
                        type.toString(),
                        "no map has %d entries, as its keys have %d constants".formatted(size.min(), constants));
            }
            return new MapShape(keys, value, size);
        }
        throw UnsupportedType.refusal(where, type.toString(), "the keys of a map are String or an enum");
    }

    private ObjectShape record(JavaType type, String where) {
        if (known.get(type.bare()) instanceof ObjectShape already) {
            return already;
        }
        var raw = type.raw();
        var constructor = canonicalConstructor(raw, where);
        var shape = new ObjectShape(simpleName(type), describes(raw), values -> constructor.newInstance(values));
        known.put(type.bare(), shape);
        var declared = Arrays.stream(raw.getRecordComponents())
                .map(component -> new Declared(
                        named(component, component.getName()),
                        component.getGenericType(),
                        component.getAnnotatedType(),
                        component))
                .toList();
        shape.components(components(declared, type.bindings(), where));
        return shape;
    }

    private static Constructor<?> canonicalConstructor(Class<?> raw, String where) {
        var types = Arrays.stream(raw.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            var constructor = raw.getDeclaredConstructor(types);
            if (!Access.open(constructor)) {
                throw UnsupportedType.refusal(where, raw.getTypeName(), Access.refusal(raw));
            }
            return constructor;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("record without its canonical constructor: " + raw, e);
        }
    }

    private List<ObjectShape.Component> components(
            List<Declared> declared, Map<TypeVariable<?>, JavaType> bindings, String where) {
        var components = new ArrayList<ObjectShape.Component>();
        var names = new HashSet<String>();
        for (var one : declared) {
            var there = where + "." + one.name;
            var type = JavaType.of(one.type, one.annotated, bindings, there);
            boolean nullable = type.nullable() || (!type.raw().isArray() && JavaType.saysNullable(one.declaration));
            if (nullable && type.raw().isPrimitive()) {
                throw UnsupportedType.refusal(
                        there, type.toString(), "a primitive cannot be null; use its wrapper class or an Optional");
            }
            if (!names.add(one.name)) {
                throw UnsupportedType.refusal(there, type.toString(), "two components have that name");
            }
            var limits = Limits.of(one.declaration).or(type.limits());
            components.add(new ObjectShape.Component(
                    one.name, shape(type.with(nullable, limits), there), describes(one.declaration)));
        }
        return components;
    }

    private UnionShape union(JavaType type, String where) {
        if (known.get(type.bare()) instanceof UnionShape already) {
            return already;
        }
        var shape = new UnionShape(simpleName(type), describes(type.raw()));
        known.put(type.bare(), shape);
        var variants = new LinkedHashMap<String, ObjectShape>();
        var taken = new HashSet<String>();
        addVariants(type, where, variants, taken);
        var discriminator = !taken.contains("type") ? "type" : "kind";
        if (taken.contains(discriminator)) {
            throw UnsupportedType.refusal(
                    where,
                    type.toString(),
                    "its records have components called type and kind, so none is free to say which record it is");
        }
        shape.variants(discriminator, variants);
        return shape;
    }

    /** Adds the records that a sealed type permits, and the names of all their components. */
    private void addVariants(
            JavaType sealed, String where, Map<String, ObjectShape> variants, Set<String> componentNames) {
        for (var subclass : sealed.raw().getPermittedSubclasses()) {
            var type = sealed.permitted(subclass, where);
            if (subclass.isSealed()) {
                addVariants(type, where, variants, componentNames);
            } else if (!subclass.isRecord()) {
                throw UnsupportedType.refusal(
                        where,
                        sealed.toString(),
                        "it permits %s, which is neither a record nor sealed".formatted(subclass.getTypeName()));
            } else if (variants.put(named(subclass, subclass.getSimpleName()), record(type, simpleName(type)))
                    != null) {
                throw UnsupportedType.refusal(
                        where,
                        sealed.toString(),
                        "two of its records are called %s; give one of them a @Name"
                                .formatted(named(subclass, subclass.getSimpleName())));
            } else {
                for (var component : subclass.getRecordComponents()) {
                    componentNames.add(named(component, component.getName()));
                }
            }
        }
    }

    /**
     * Rejects types that have no finite JSON value, such as a record that requires another value of its own type. The
     * types that have one are found bottom-up: a union with one such record, a record whose required components all
     * have one, until nothing is added.
     */
    private void requireEnd() {
        var ending = new HashSet<Shape>();
        boolean more = true;
        while (more) {
            more = false;
            for (var shape : known.values()) {
                more |= ends(shape, ending, true) && ending.add(shape);
            }
        }
        known.forEach((type, shape) -> {
            if (!ending.contains(shape)) {
                throw UnsupportedType.refusal(
                        shape.name(),
                        type.toString(),
                        "it contains itself and can never end; make a component Optional, @Nullable or a List");
            }
        });
    }

    private static boolean ends(Shape shape, Set<Shape> ending, boolean inside) {
        return switch (shape) {
            case Shape.Named named when !inside -> ending.contains(named);
            case ObjectShape object ->
                object.components().stream().allMatch(component -> ends(component.shape(), ending, false));
            case UnionShape union ->
                union.variants().values().stream().anyMatch(variant -> ends(variant, ending, true));
            case ListShape list -> !list.needsElement() || ends(list.element(), ending, false);
            case MapShape map -> !map.needsEntry() || ends(map.value(), ending, false);
            default -> true;
        };
    }

    private static String simpleName(JavaType type) {
        return type.raw().getSimpleName();
    }

    private static String named(AnnotatedElement element, String otherwise) {
        var name = element.getAnnotation(Name.class);
        return name == null ? otherwise : name.value();
    }

    private static @Nullable String describes(AnnotatedElement element) {
        var description = element.getAnnotation(Description.class);
        return description == null ? null : description.value();
    }
}
