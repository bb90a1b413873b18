# --- asgi: all of it for a FastAPI or Starlette application, in one call ---


def install(app: Any, startup_limit: float = 30.0) -> None:
    """Guards an application's startup and exception handlers. Call it once, after the application was made."""
    guarded_lifespan(app, startup_limit)
    guarded_handlers(app)
