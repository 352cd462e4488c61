public final class WriteRecordVectors { public static void main(String[] a) {} }
