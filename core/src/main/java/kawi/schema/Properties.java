package kawi.schema;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The properties of an object that is not a record: its public methods {@code getX()}, its public methods {@code isX()}
 * that return a boolean, and its public fields, sorted by name, because the JDK does not specify the order of
 * declarations. The names follow JavaBeans: {@code getUserName} is {@code userName}, {@code getURL} is {@code URL}.
 * Annotations of JSON libraries are ignored; use a record with {@link kawi.Name} to choose names.
 */
final class Properties {

    private Properties() {}

    /** @throws IllegalArgumentException if the object has no properties, or its class cannot be read as properties */
    static SortedMap<String, @Nullable Object> of(Object object) {
        Class<?> type = object.getClass();
        if (object instanceof Iterable<?> || object instanceof Throwable || isOfLibrary(type)) {
            throw refused(type);
        }
        var properties = new TreeMap<String, @Nullable Object>();
        for (Method method : type.getMethods()) {
            String name = property(method);
            if (name != null) {
                properties.put(name, ResultText.read(object, method, () -> method.invoke(object)));
            }
        }
        for (Field field : type.getFields()) {
            int modifiers = field.getModifiers();
            if (!Modifier.isStatic(modifiers)
                    && !Modifier.isTransient(modifiers)
                    && !properties.containsKey(field.getName())) {
                properties.put(field.getName(), ResultText.read(object, field, () -> field.get(object)));
            }
        }
        if (properties.isEmpty()) {
            throw refused(type);
        }
        return properties;
    }

    private static IllegalArgumentException refused(Class<?> type) {
        return new IllegalArgumentException(("the result of a tool is a %s, which has no JSON form here;"
                        + " return a record, a map, a list, a string or JSON text")
                .formatted(type.getName()));
    }

    /** Objects of the JDK and lambda expressions have getters that are not data. */
    private static boolean isOfLibrary(Class<?> type) {
        String name = type.getName();
        return type.isHidden()
                || name.startsWith("java.")
                || name.startsWith("javax.")
                || name.startsWith("jdk.")
                || name.startsWith("sun.");
    }

    /** The name of the property that a method reads, or null if it is not a getter. */
    private static @Nullable String property(Method method) {
        Class<?> result = method.getReturnType();
        if (Modifier.isStatic(method.getModifiers())
                || method.getParameterCount() > 0
                || method.isBridge()
                || method.getDeclaringClass() == Object.class
                || result == void.class) {
            return null;
        }
        String name = method.getName();
        boolean truth = name.startsWith("is") && (result == boolean.class || result == Boolean.class);
        String rest = name.startsWith("get") ? name.substring(3) : truth ? name.substring(2) : "";
        if (rest.isEmpty() || Character.isLowerCase(rest.charAt(0))) {
            return null;
        }
        boolean acronym =
                rest.length() > 1 && Character.isUpperCase(rest.charAt(0)) && Character.isUpperCase(rest.charAt(1));
        return acronym ? rest : Character.toLowerCase(rest.charAt(0)) + rest.substring(1);
    }
}
