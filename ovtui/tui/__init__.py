"""The dashboard: reads run folders through core, and starts or ends engines."""
